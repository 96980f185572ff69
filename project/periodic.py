"""Periodic work of the one scheduler (`manage.py schedule`). Rooms register in `ready()`.

Each item runs on its own beat in one thread; a failing item is logged with its name, counted,
and never stops the others.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class PeriodicWork:
    """`function()` every `every`; the result is ignored. What `is_prompt` is quick, and does not
    wait for what may take minutes."""

    name: str
    every: timedelta
    function: Callable[[], object]
    is_prompt: bool = False


_items: dict[str, PeriodicWork] = {}


def register(
    name: str, every: timedelta, function: Callable[[], object], *, is_prompt: bool = False
) -> None:
    """Add work; a name is registered once."""
    if name in _items:
        raise ValueError(f"periodic work {name} is registered twice")
    _items[name] = PeriodicWork(name=name, every=every, function=function, is_prompt=is_prompt)


def registered() -> list[PeriodicWork]:
    """The work in the order of registration."""
    return list(_items.values())


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set; for the main thread of a command."""
    stop = threading.Event()

    def remember(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    signal.signal(signal.SIGTERM, remember)
    signal.signal(signal.SIGINT, remember)
    return stop


class Scheduler:
    """Runs each item when it is due.

    `clock()` is monotonic seconds; `wait(seconds)` sleeps at most that long and returns True
    when the process should stop; `around()` runs before and after each item (it returns the
    database connections that have gone stale).
    """

    def __init__(
        self,
        items: Iterable[PeriodicWork],
        *,
        clock: Callable[[], float],
        wait: Callable[[float], bool],
        around: Callable[[], None] = lambda: None,
    ) -> None:
        self.failures: Counter[str] = Counter()
        self.runs: Counter[str] = Counter()
        self._items = list(items)
        self._clock = clock
        self._wait = wait
        self._around = around
        self._due = {item.name: clock() for item in self._items}

    def run(self) -> None:
        """Work until `wait` says stop; a stop is noticed between two items."""
        names = ", ".join(item.name for item in self._items)
        logger.info("the scheduler runs: %s", names)
        while not self._wait(self._seconds_to_next()):
            for item in self._items:
                if self._due[item.name] <= self._clock():
                    self._run_one(item)
                    if self._wait(0):
                        return

    def _seconds_to_next(self) -> float:
        if not self._due:
            return 60.0
        return max(0.0, min(self._due.values()) - self._clock())

    def _run_one(self, item: PeriodicWork) -> None:
        self._around()
        try:
            item.function()
        except Exception:
            self.failures[item.name] += 1
            logger.exception(
                "periodic work %s failed (%d failures of %d runs)",
                item.name,
                self.failures[item.name],
                self.runs[item.name] + 1,
            )
        finally:
            self.runs[item.name] += 1
            self._due[item.name] = self._clock() + item.every.total_seconds()
            self._around()
