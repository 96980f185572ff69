"""Which child is to be replaced now: one at a time, and only for a reason that lasts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import psutil

from project.supervisor.child import Child

LOOK_SECONDS = 10.0
# A large upload needs memory for a moment; three readings in a row are no moment.
READINGS_OVER = 3
# Between two replacements, also when the first did not work.
PAUSE_SECONDS = 60.0


def resident_bytes(pid: int) -> int:
    """Memory that the process holds; 0 when it is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


class Recycler:
    """`tick` looks at the children's bounds and replaces at most one of them at a time."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        memory_of: Callable[[int], int],
        report: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._memory_of = memory_of
        self._report = report
        self._over: Counter[str] = Counter()
        self._next_look = clock() + LOOK_SECONDS

    def tick(self, children: Sequence[Child]) -> None:
        """Call it as often as you like; it looks every ten seconds."""
        if self._clock() < self._next_look or any(child.is_recycling for child in children):
            return
        self._next_look = self._clock() + LOOK_SECONDS
        reasons = {child: reason for child in children if (reason := self._reason(child))}
        if not reasons:
            return
        oldest = max(reasons, key=Child.age_seconds)  # else one could keep another from its turn
        self._report(f"{oldest.spec.name} {reasons[oldest]}; a successor takes over")
        self._over[oldest.spec.name] = 0
        self._next_look = self._clock() + PAUSE_SECONDS
        oldest.recycle()

    def _reason(self, child: Child) -> str:
        bounds, pid = child.spec.bounds, child.describe().pid
        if pid is None:
            return ""
        if bounds.age_seconds and child.age_seconds() >= bounds.age_seconds:
            return f"is {child.age_seconds():.0f} s old"
        held = self._memory_of(pid) if bounds.memory_bytes else 0
        if held <= bounds.memory_bytes:
            self._over[child.spec.name] = 0
            return ""
        self._over[child.spec.name] += 1
        if self._over[child.spec.name] < READINGS_OVER:
            return ""
        return f"holds {held / 1e6:.0f} MB"
