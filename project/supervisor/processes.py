"""What the stack consists of: one spec per process, in the order of their start."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 10.0
FEWEST_WORKER_THREADS = 3  # one interactive job, one batch job, one that waits for the device


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Beyond these a process is replaced in good order; 0 is no bound."""

    memory_bytes: int = 0
    age_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ProcessSpec:
    """One child. Children of a lower `stop_rank` stop first; equal ranks stop together.

    A child with `once` ends by itself and is not restarted. `bounds` say when it is replaced
    (recycling.py): it then has `leave_seconds`, and with `overlaps` its successor starts first
    and tells when it is ready.
    """

    name: str
    argv: tuple[str, ...]
    stop_rank: int
    environment: Mapping[str, str] = field(default_factory=dict)
    nice: int = 0
    grace_seconds: float = STOP_SECONDS
    inherited_descriptors: tuple[int, ...] = ()
    once: bool = False
    bounds: Bounds = Bounds()
    leave_seconds: float = STOP_SECONDS
    overlaps: bool = False


def redis_spec(*, executable: str, socket: Path, folder: Path) -> ProcessSpec:
    """The embedded Redis: a private unix socket, no TCP port, an append-only file."""
    return ProcessSpec(
        name="redis",
        argv=(
            *(executable, "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
            *("--dir", str(folder), "--appendonly", "yes", "--save", "", "--daemonize", "no"),
            *("--maxmemory-policy", "noeviction", "--loglevel", "warning", "--logfile", ""),
        ),
        stop_rank=3,
    )


def worker_spec(
    *,
    queue: str,
    threads: int,
    log_level: str,
    drain_seconds: float,
    torch_threads: int = 0,
    device: str = "",
    bounds: Bounds = Bounds(),
) -> ProcessSpec:
    """A Celery worker of one queue; the GPU worker yields the CPU to the web process.

    `device` is set for one of several device workers: it has that device and a name of its own.
    """
    is_gpu = queue == "gpu"
    suffix = f"-{device.replace(':', '')}" if device else ""
    environment = {"OMP_NUM_THREADS": str(torch_threads)} if is_gpu else {}
    if device:
        environment["OMNILENS_DEVICE"] = device
    grace = max(STOP_SECONDS, drain_seconds + 2)
    return ProcessSpec(
        name=f"{queue}-worker{suffix}",
        argv=(
            *(sys.executable, "-m", "celery", "-q", "-A", "project", "worker", "-Q", queue),
            *("-P", "threads", "-c", str(threads), "-n", f"{queue}{suffix}@%h"),
            *("-l", log_level),
            *("--without-gossip", "--without-mingle"),
        ),
        environment=environment,
        nice=10 if is_gpu else 0,
        # A worker that drains by itself needs a little longer than its own limit.
        grace_seconds=grace,
        leave_seconds=grace,
        bounds=bounds,
        stop_rank=1,
    )


def web_specs(
    *,
    count: int,
    descriptor: int,
    is_ipv6: bool,
    bounds: Bounds = Bounds(),
    request_seconds: float = 0.0,
) -> list[ProcessSpec]:
    """`count` web servers that accept from one inherited socket. A request takes at most
    `request_seconds`, so that long one that makes way for a successor may need."""
    endpoint = f"fd:fileno={descriptor}" + (":domain=10" if is_ipv6 else "")
    argv = (
        *(sys.executable, "-m", "project.web_server", "-v", "0", "-e", endpoint),
        "project.asgi:application",
    )
    return [
        ProcessSpec(
            name="web" if count == 1 else f"web-{number}",
            argv=argv,
            stop_rank=0,
            inherited_descriptors=(descriptor,),
            bounds=bounds,
            leave_seconds=request_seconds + STOP_SECONDS,
            overlaps=True,
        )
        for number in range(1, count + 1)
    ]


def scheduler_spec(*, manage: Path) -> ProcessSpec:
    """Sweeper and periodic work."""
    return ProcessSpec(
        name="scheduler", argv=(sys.executable, str(manage), "schedule"), stop_rank=2
    )


def gateway_spec(*, manage: Path, url: str) -> ProcessSpec:
    """Registration with the API gateway; it ends by itself."""
    return ProcessSpec(
        name="gateway",
        argv=(sys.executable, str(manage), "register_gateway", "--url", url),
        stop_rank=0,
        once=True,
    )


def samples_spec(*, manage: Path) -> ProcessSpec:
    """The sample jobs of the first start; they use the running stack and end."""
    return ProcessSpec(
        name="samples",
        argv=(sys.executable, str(manage), "demo", "--attach"),
        stop_rank=0,
        once=True,
    )
