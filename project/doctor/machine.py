"""Python, processor, memory, disk, ports."""

from __future__ import annotations

import platform
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from project.doctor.findings import Finding, error, ok, warning
from project.supervisor.listening import FIRST_PORT, LAST_PORT

SUPPORTED_PYTHON = ((3, 11), (3, 12))
LEAST_MEMORY_BYTES = 2_000_000_000
GOOD_MEMORY_BYTES = 6_000_000_000
LEAST_DISK_BYTES = 1_000_000_000
GOOD_DISK_BYTES = 5_000_000_000


def examine(var: Path) -> Iterator[Finding]:
    """Everything about the machine that needs no framework."""
    yield examine_python(sys.version_info[:2], platform.system(), platform.machine())
    yield examine_processor(_cpu_flags())
    yield examine_memory(psutil.virtual_memory().available)
    yield examine_disk(psutil.disk_usage(str(var)).free, var)
    yield examine_ports(FIRST_PORT, LAST_PORT)


def examine_python(version: tuple[int, ...], system: str, machine: str) -> Finding:
    """The embedded Redis and torch have wheels for these only."""
    name = f"Python {version[0]}.{version[1]} on {machine} {system}"
    if version not in SUPPORTED_PYTHON:
        return error("python", f"{name} is not supported.", "rm -rf .venv; make PYTHON=python3.11")
    if (system, machine) != ("Linux", "x86_64"):
        return error("python", f"{name} is not supported.", "Use x86-64 Linux, WSL2 included.")
    return ok("python", name)


def examine_processor(flags: set[str]) -> Finding:
    """AVX2 is what torch's kernels are built for; AMX and AVX-512 make bfloat16 pay."""
    if not flags:
        return ok("processor", "The processor does not say what it can do.")
    fast = [flag for flag in ("avx2", "avx512f", "amx_bf16") if flag in flags]
    if "avx2" not in flags:
        return warning(
            "processor",
            "The processor has no AVX2; inference on it is very slow.",
            "Use a newer processor or a GPU (OMNILENS_DEVICE=cuda).",
        )
    return ok("processor", f"{psutil.cpu_count()} threads, {', '.join(fast)}")


def examine_memory(available: int) -> Finding:
    """A worker with one model needs about 2 GB."""
    text = f"{available / 1e9:.1f} GB of memory available"
    if available < LEAST_MEMORY_BYTES:
        return error(
            "memory", f"{text}; a worker needs 2 GB.", "Stop other programs: ps aux --sort=-rss"
        )
    if available < GOOD_MEMORY_BYTES:
        return warning(
            "memory", f"{text}; large pictures may not fit.", "Set OMNILENS_WORKER_MEMORY."
        )
    return ok("memory", text)


def examine_disk(free: int, var: Path) -> Finding:
    """Results, weights and the database share this disk."""
    text = f"{free / 1e9:.1f} GB free under {var}"
    if free < LEAST_DISK_BYTES:
        return error("disk", f"{text}; results will not fit.", "Free space, or move OMNILENS_VAR.")
    if free < GOOD_DISK_BYTES:
        return warning(
            "disk", f"{text}.", "Shorten OMNILENS_RESULT_RETENTION or move OMNILENS_VAR."
        )
    return ok("disk", text)


def examine_ports(first: int, last: int) -> Finding:
    """`up` takes the first free one."""
    for port in range(first, last + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port == first:
            return ok("ports", f"Port {port} is free.")
        return ok("ports", f"Port {first} is in use; `manage.py up` would take {port}.")
    return error("ports", f"Every port from {first} to {last} is in use.", "manage.py up --port N")


def _cpu_flags() -> set[str]:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return set()
    match = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
    return set(match[1].split()) if match else set()
