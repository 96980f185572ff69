"""What one device was doing lately: how busy, how long in this step, and whether it still moves.

The lease tells; whoever shows or guards the worker asks, from any thread.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

BUSY_WINDOW_SECONDS = 60
STANDS_AFTER_SECONDS = 60.0
TIMES_P95 = 10.0
PACES_KEPT = 100
# A load reads files and builds a network without a checkpoint.
LOAD_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True)
class DeviceReport:
    """`is_held` is false while the device is free; then nothing stands and no step runs. `job` is
    the job of the holder, empty when it serves several, None when it serves no job.

    `still_seconds` counts since the last movement (a step or a check inside one),
    `allowed_seconds` is how long that may last.
    """

    is_held: bool
    busy_share: float
    job: str | None = ""
    step_seconds: float = 0.0
    still_seconds: float = 0.0
    allowed_seconds: float = STANDS_AFTER_SECONDS

    @property
    def is_stuck(self) -> bool:
        """Whether the device is held and has not moved for longer than it may."""
        return self.is_held and self.still_seconds > self.allowed_seconds


class LeaseWatch:
    """A holder may stand still for a minute, or ten times the p95 of its own movements if that is
    longer: slow is not dead."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._holder: Hashable | None = None
        self._job: str | None = ""
        self._step_began = 0.0
        self._moved_at = 0.0
        self._busy = _BusySeconds()
        self._paces: WeakKeyDictionary[Hashable, deque[float]] = WeakKeyDictionary()
        self._patience: WeakKeyDictionary[Hashable, float] = WeakKeyDictionary()

    def began(self, holder: Hashable, *, job: str | None = "") -> None:
        """A step of `holder` begins."""
        with self._lock:
            self._holder, self._job = holder, job
            self._step_began = self._moved_at = self._clock()

    def moved(self, holder: Hashable) -> None:
        """A check inside a step; ignored from anybody but the holder."""
        with self._lock:
            if self._holder is holder:
                self._note_movement(self._clock())

    def ended(self) -> None:
        """The step is over."""
        with self._lock:
            if self._holder is None:
                return
            now = self._clock()
            self._note_movement(now)
            self._busy.add(self._step_began, now)
            self._holder = None

    def be_patient(self, holder: Hashable, seconds: float) -> None:
        """`holder` has work without checkpoints that may take this long."""
        with self._lock:
            self._patience[holder] = seconds

    def report(self) -> DeviceReport:
        """The device as it is now."""
        with self._lock:
            now, holder = self._clock(), self._holder
            if holder is None:
                return DeviceReport(is_held=False, busy_share=self._busy.share(now))
            return DeviceReport(
                is_held=True,
                job=self._job,
                busy_share=self._busy.share(now, since=self._step_began),
                step_seconds=now - self._step_began,
                still_seconds=now - self._moved_at,
                allowed_seconds=max(
                    self._patience.get(holder, STANDS_AFTER_SECONDS),
                    TIMES_P95 * _p95(self._paces.get(holder, ())),
                ),
            )

    def _note_movement(self, now: float) -> None:
        paces = self._paces.get(self._holder)
        if paces is None:
            paces = self._paces[self._holder] = deque(maxlen=PACES_KEPT)
        paces.append(now - self._moved_at)
        self._moved_at = now


class _BusySeconds:
    """Held time of the last minute, in buckets of one second."""

    def __init__(self) -> None:
        self._buckets: dict[int, float] = {}

    def add(self, began: float, ended: float) -> None:
        for second in _seconds_of(began, ended):
            part = min(ended, second + 1) - max(began, second)
            self._buckets[second] = self._buckets.get(second, 0.0) + part
        for second in [s for s in self._buckets if s <= ended - BUSY_WINDOW_SECONDS - 1]:
            del self._buckets[second]

    def share(self, now: float, *, since: float | None = None) -> float:
        """Of the last minute; `since` is when the step that still runs began."""
        first = now - BUSY_WINDOW_SECONDS
        busy = sum(seconds for second, seconds in self._buckets.items() if second >= first)
        if since is not None:
            busy += now - max(since, first)
        return min(1.0, busy / BUSY_WINDOW_SECONDS)


def _seconds_of(began: float, ended: float) -> range:
    """The whole seconds that the interval touches, of its last minute only."""
    first = max(math.floor(began), math.floor(ended) - BUSY_WINDOW_SECONDS)
    return range(first, math.floor(ended) + 1)


def _p95(paces: deque[float] | tuple[()]) -> float:
    if not paces:
        return 0.0
    return sorted(paces)[math.ceil(0.95 * len(paces)) - 1]
