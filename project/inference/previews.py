"""Small pictures of an unfinished result: made rarely, however often they are offered."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

MIN_SECONDS = 0.5
MAX_SHARE = 0.02

Make = Callable[[], bytes]


class PreviewSink(Protocol):
    """Keeps the newest preview of one run."""

    def __call__(self, content: bytes) -> int | None:
        """The version of what was kept, a number that grows; None when it could not be kept.

        Never raises: a preview is a courtesy.
        """
        ...


class Previews:
    """Makes what was offered last at most twice a second and within 2 % of the run's time.

    The first is always made, so that a short run shows something; an offer that came too early
    waits for the next `flush`.
    """

    def __init__(
        self, sink: PreviewSink | None, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._sink = sink
        self._clock = clock
        self._began = clock()
        self._made_at: float | None = None
        self._spent = self._last_cost = 0.0
        self._waiting: Make | None = None
        self.version: int | None = None

    def offer(self, make: Make) -> None:
        """`make` returns the encoded picture as it is when it is called."""
        if self._sink is not None:
            self._waiting = make
            self.flush()

    def flush(self, *, at_once: bool = False) -> bool:
        """Make what waits if its time has come; `at_once` ignores the half second.

        Returns whether there is a new version.
        """
        if self._waiting is None or self._sink is None or not self._is_due(at_once=at_once):
            return False
        make, self._waiting = self._waiting, None
        started = self._clock()
        version = self._sink(make())
        self._made_at = self._clock()
        self._last_cost = self._made_at - started
        self._spent += self._last_cost
        if version is None:
            return False
        self.version = version
        return True

    def _is_due(self, *, at_once: bool) -> bool:
        if self._made_at is None:
            return True
        now = self._clock()
        is_early = now - self._made_at < MIN_SECONDS and not at_once
        with_this = self._spent + self._last_cost
        return not is_early and with_this <= MAX_SHARE * (now - self._began)
