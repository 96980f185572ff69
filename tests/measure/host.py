"""The machine that measures, and the arithmetic of what it measured."""

from __future__ import annotations

import math
import os
import platform
import socket
import statistics
import subprocess
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]


def describe() -> str:
    """Processor, cores, memory, load and commit: printed above every table."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"commit {commit()}; {names[0] if names else platform.processor()}, {os.cpu_count()} cores, "
        f"{memory:.0f} GiB, Python {platform.python_version()}; {load()}"
    )


def load() -> str:
    """How busy the host is, with everything that others run on it."""
    one, five, _ = os.getloadavg()
    return f"host load {one:.1f} now, {five:.1f} over 5 min"


def commit() -> str:
    """Which code was measured."""
    asked = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def slope(points: list[tuple[float, float]]) -> float:
    """Rise per unit of x: the median over all pairs (Theil and Sen), which single spikes do not move."""
    rises = [
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for number, earlier in enumerate(points)
        for later in points[number + 1 :]
        if later[0] > earlier[0]
    ]
    return statistics.median(rises) if rises else 0.0
