"""Warnings that repeat thousands of times during an outage, told a few times."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable


class QuietLog:
    """At most one warning in `every_seconds`; the next one says how many were left out."""

    def __init__(
        self,
        logger: logging.Logger,
        *,
        every_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._logger = logger
        self._every = every_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._next_at = float("-inf")
        self._left_out = 0

    def warning(self, message: str, *args: object) -> None:
        """Log, or count."""
        now = self._clock()
        with self._lock:
            if now < self._next_at:
                self._left_out += 1
                return
            left_out, self._left_out = self._left_out, 0
            self._next_at = now + self._every
        if left_out:
            message = f"{message} (%s like this left out)"
            args = (*args, left_out)
        self._logger.warning(message, *args)
