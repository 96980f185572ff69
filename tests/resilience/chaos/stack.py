"""The processes of a deployment, each of which may be killed and comes back."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.resilience.processes import start_scheduler, start_web, start_worker
from tests.resilience.redis_server import RedisServer

WORKERS = 4
THREADS_PER_WORKER = 4
LEASE_SECONDS = 8
STOP_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A store that was away."""

    store: str
    began: datetime
    ended: datetime


class Stack:
    """Four workers, a web process, the sweeper; a Redis with an append-only file; and, unless
    `cluster` is None, a PostgreSQL cluster."""

    def __init__(self, *, cluster=None):
        self.cluster = cluster
        self.redis = RedisServer(keeps_data=True)
        self.outages = []
        self.killed_at = {}
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.workers = []
        self.web = self.scheduler = None

    def start(self):
        """Start everything; the processes need a while to come up."""
        self.redis.start()
        self.workers = [self._worker() for _ in range(WORKERS)]
        self.web = self._web()
        self.scheduler = start_scheduler(**self._environment())

    def stop(self):
        """SIGTERM to all, then SIGKILL; the stores last."""
        running = [process for process in self._processes() if process is not None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                self.killed_at[name_of(process)] = datetime.now(UTC)
        if self.redis.process is not None:
            self.redis.close()

    def kill_worker(self, worker):
        """SIGKILL, and a successor at once; when it died."""
        worker.kill()
        worker.wait()
        died_at = datetime.now(UTC)
        self.killed_at[name_of(worker)] = died_at
        self.workers[self.workers.index(worker)] = self._worker()
        return died_at

    def kill_web(self):
        """SIGKILL, and a successor at once."""
        self.web.kill()
        self.web.wait()
        self.web = self._web()

    def kill_redis(self, *, lose_data, pause):
        """SIGKILL; back after `pause` seconds, with or without what it held."""
        with self._outage("redis"):
            self.redis.kill()
            if lose_data:
                self.redis.wipe()
            time.sleep(pause)
            self.redis.start()

    def restart_postgres(self):
        """Cut every session at once; back when the log is replayed."""
        with self._outage("postgres"):
            self.cluster.restart_at_once()

    def revive(self):
        """Start again what ended though nobody killed it, as a supervisor does (a deaf worker
        ends itself); the ends of their logs."""
        ends = []
        for place, worker in enumerate(self.workers):
            if worker.poll() is not None:
                ends.append(_end_of(worker))
                self.killed_at[name_of(worker)] = datetime.now(UTC)
                self.workers[place] = self._worker()
        if self.web.poll() is not None:
            ends.append(_end_of(self.web))
            self.web = self._web()
        if self.scheduler.poll() is not None:
            ends.append(_end_of(self.scheduler))
            self.scheduler = start_scheduler(**self._environment())
        return ends

    def dead(self, names):
        """Those of the names in the rows whose worker is dead, and since when."""
        return {
            name: died_at
            for name in names
            for beginning, died_at in self.killed_at.items()
            if name.startswith(beginning)
        }

    def _processes(self):
        return [*self.workers, self.web, self.scheduler]

    def _worker(self):
        return start_worker(threads=THREADS_PER_WORKER, **self._environment())

    def _web(self):
        return start_web(port=self._port, **self._environment())

    def _environment(self):
        return {
            "redis_url": self.redis.url,
            "DJANGO_SETTINGS_MODULE": "tests.resilience.chaos.settings",
            "OMNILENS_JOB_LEASE": f"{LEASE_SECONDS}s",
        }

    @contextmanager
    def _outage(self, store):
        began = datetime.now(UTC)
        yield
        self.outages.append(Outage(store=store, began=began, ended=datetime.now(UTC)))


def name_of(worker):
    """How the name begins under which the worker is known in the rows; chance ends it."""
    return f"{socket.gethostname()[:80]}:{worker.pid}:"


def _end_of(process):
    return f"{process.log.name} ended with {process.poll()}: {process.log.read_text()[-2000:]}"


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
