"""The progress of one picture on a terminal, or in a log.

A few lines of our own: tqdm is in the worker's package set only, and `--remote` works without it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

BAR_WIDTH = 24
PLAIN = str  # Django paints what goes to standard error as an error


class Screen(Protocol):
    """Django's wrapper of a stream."""

    def isatty(self) -> bool: ...

    def write(
        self, msg: str, style_func: Callable[[str], str] | None = ..., ending: str | None = ...
    ) -> None: ...


class ProgressBar:
    """One line that is overwritten on a terminal; elsewhere a line when a stage ends.

    The seconds left are those that the server says or, of work in this process, what the units
    so far took.
    """

    def __init__(
        self, screen: Screen, *, label: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._screen = screen
        self._is_live = screen.isatty()
        self._label = label
        self._clock = clock
        self._stage = ""
        self._since = clock()
        self._last = ""

    def show(self, stage: str, done: int, total: int, *, eta_seconds: float | None = None) -> None:
        """`done` of `total` units of a stage."""
        if stage != self._stage:
            self._stage, self._since = stage, self._clock()
        if self._is_live:
            self._write_live(self._line(stage, done, total, eta_seconds))
        elif done == total and (line := f"  {stage} {done}/{total}") != self._last:
            self._last = line
            self._screen.write(line, PLAIN)

    def checkpoint(
        self, stage: str, done: int, total: int, partial: Mapping[str, Any] | None = None
    ) -> None:
        """A checkpoint of a run in this process."""
        del partial
        elapsed = self._clock() - self._since
        left = elapsed / done * (total - done) if done and stage == self._stage else None
        self.show(stage, done, total, eta_seconds=left)

    def clear(self) -> None:
        """Leave an empty line for what comes next."""
        if self._is_live and self._last:
            self._screen.write("\r" + " " * len(self._last) + "\r", PLAIN, "")
            self._last = ""

    def _line(self, stage: str, done: int, total: int, eta: float | None) -> str:
        filled = round(BAR_WIDTH * done / total) if total else 0
        bar = "#" * filled + "-" * (BAR_WIDTH - filled)
        left = "" if eta is None else f"  {int(eta) // 60}:{int(eta) % 60:02} left"
        return f"  {self._label} [{bar}] {stage} {done}/{total}{left}"

    def _write_live(self, line: str) -> None:
        blank = " " * max(0, len(self._last) - len(line))
        self._last = line
        self._screen.write(f"\r{line}{blank}", PLAIN, "")
