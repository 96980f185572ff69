"""Leaves a server alone that has failed several times, in every process at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from xray.reports.llm.errors import FAULTS_OF_THE_SERVER, LlmError

FAILURES = 3
OPEN_SECONDS = 60.0


class BreakerStore(Protocol):
    """What the processes share about one server. Each verb is atomic by itself."""

    def count_failure(self) -> int:
        """One more in a row; how many there are now."""
        ...

    def open_until(self, at: float) -> None:
        """Nobody calls before `at` (seconds since the epoch)."""
        ...

    def opened_until(self) -> float:
        """As given last; 0 when it is closed."""
        ...

    def take_trial(self, seconds: float) -> bool:
        """Whether the caller is the one that may try again; the right lapses after `seconds`."""
        ...

    def give_trial_back(self) -> None:
        """The trial has ended, one way or the other."""
        ...

    def close(self) -> None:
        """All is well: forget failures and opening."""
        ...

    def observe(self, code: str, at: float) -> None:
        """Remember how the last call ended; an empty code is a success."""
        ...


class Breaker:
    """Closed, until `FAILURES` calls in a row failed; then open for `OPEN_SECONDS`; then one call
    may try: its success closes, its failure opens again."""

    def __init__(self, store: BreakerStore, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    @property
    def is_open(self) -> bool:
        """Whether nobody may call now."""
        return self._clock() < self._store.opened_until()

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Around one call. Raises LlmError llm_busy instead of letting it happen."""
        until = self._store.opened_until()
        if self._clock() < until:
            raise LlmError("llm_busy", "the breaker is open")
        is_trial = until > 0
        if is_trial and not self._store.take_trial(OPEN_SECONDS):
            raise LlmError("llm_busy", "another call tries whether the server is back")
        try:
            yield
        except LlmError as error:
            self._store.observe(error.code, self._clock())
            if error.code in FAULTS_OF_THE_SERVER and self._store.count_failure() >= FAILURES:
                self._store.open_until(self._clock() + OPEN_SECONDS)
            raise
        else:
            self._store.observe("", self._clock())
            self._store.close()
        finally:
            if is_trial:
                self._store.give_trial_back()


class MemoryBreakerStore:
    """For one process: commands and tests."""

    def __init__(self) -> None:
        self.failures = 0
        self.until = 0.0
        self.is_tried = False
        self.last: tuple[str, float] | None = None

    def count_failure(self) -> int:
        self.failures += 1
        return self.failures

    def open_until(self, at: float) -> None:
        self.until = at

    def opened_until(self) -> float:
        return self.until

    def take_trial(self, seconds: float) -> bool:
        del seconds
        was_free, self.is_tried = not self.is_tried, True
        return was_free

    def give_trial_back(self) -> None:
        self.is_tried = False

    def close(self) -> None:
        self.failures, self.until = 0, 0.0

    def observe(self, code: str, at: float) -> None:
        self.last = (code, at)
