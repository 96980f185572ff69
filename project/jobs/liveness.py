"""Noticing that this worker no longer hears the bell."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

DEAF_AFTER = timedelta(seconds=60)


class Liveness:
    """A worker is deaf when a job has waited for a minute while the worker, with nothing to do,
    has not looked into the queue for as long: the sweeper rings every two seconds."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looked_at = clock()

    def looked(self) -> None:
        """The worker is about to look into the queue."""
        self._looked_at = self._clock()

    def is_deaf(self, *, running: int, oldest_wait: timedelta | None) -> bool:
        """`oldest_wait` is how long the oldest claimable job has waited; None without one."""
        if running or oldest_wait is None or oldest_wait <= DEAF_AFTER:
            return False
        return self._clock() - self._looked_at > DEAF_AFTER.total_seconds()


worker_liveness = Liveness()
