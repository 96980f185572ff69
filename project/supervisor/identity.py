"""A process is its pid and its start time: pids are reused."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

SAME_START_SECONDS = 1.0  # /proc counts in ticks, so two readings may differ a little


@dataclass(frozen=True, kw_only=True)
class ProcessIdentity:
    """`started` is in seconds since the epoch."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> ProcessIdentity | None:
        """The identity of a living process, or None."""
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return cls(pid=pid, started=process.create_time())
        except psutil.NoSuchProcess:
            return None

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        now = ProcessIdentity.of(self.pid)
        return now is not None and abs(now.started - self.started) < SAME_START_SECONDS
