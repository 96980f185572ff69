"""One after another in the order of arrival: the first of many is done first."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turnstile:
    """Lets one thread in at a time. Work that takes a moment is shared out fairly by the
    processor when ten do it at once, and then all ten end late; in turns the first ends early and
    the last no later.

    Who has waited `patience_seconds` goes in beside the others, so that nobody stands behind
    something long for long.
    """

    def __init__(self, *, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self._lock = threading.Lock()
        self._line: deque[threading.Event] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this thread's turn, and pass it on at the end whatever happens."""
        mine = threading.Event()
        with self._lock:
            self._line.append(mine)
            self._call_first()
        mine.wait(self._patience_seconds)
        try:
            yield
        finally:
            with self._lock:
                self._line.remove(mine)
                self._call_first()

    @property
    def waiting(self) -> int:
        """How many stand in the line, those inside included."""
        with self._lock:
            return len(self._line)

    def _call_first(self) -> None:
        if self._line:
            self._line[0].set()
