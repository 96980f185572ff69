"""Two or more ways to do the same, in turns: medians, CPU seconds, and rounds on a busy host."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

# Of all cores' time during a turn: more than this spent by others makes the round a loaded one.
OTHERS_SHARE = 0.15
MAX_ROUNDS_FACTOR = 2


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What one turn took; `others` is the share of the machine that went elsewhere."""

    wall: float
    cpu: float
    others: float


@dataclass
class Series:
    """The turns of one side, and what it returned last."""

    turns: list[Turn] = field(default_factory=list)
    result: Any = None

    def median(self, what: str = "wall", rounds: list[int] | None = None) -> float:
        """Seconds; of all rounds, or of those listed."""
        chosen = self.turns if rounds is None else [self.turns[number] for number in rounds]
        return statistics.median(getattr(turn, what) for turn in chosen)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All sides after the same rounds; `judged` lists the rounds that count."""

    sides: Mapping[str, Series]
    judged: list[int]
    label: str

    def ratio(self, slow: str, fast: str, what: str = "wall") -> float:
        """How many times longer `slow` took."""
        mine, other = self.seconds(slow, what), self.seconds(fast, what)
        return mine / other

    def seconds(self, side: str, what: str = "wall") -> float:
        """The median of the rounds that count."""
        return self.sides[side].median(what, self.judged)


def take_turns(
    sides: Mapping[str, Callable[[], Any]],
    *,
    rounds: int = 5,
    prepare: Callable[[str], None] = lambda side: None,
) -> Comparison:
    """Run every side once unmeasured, then `rounds` times each, interleaved.

    `prepare` is called with the side's name before each of its turns, outside the time.

    A round in which others took more than OTHERS_SHARE of the machine does not count and is run
    again, up to twice as many rounds; if there are still too few quiet ones, all count and the
    label says so: both sides then suffered alike.
    """
    series = {name: Series() for name in sides}
    for name, run in sides.items():
        prepare(name)
        series[name].result = run()
    quiet: list[int] = []
    for number in range(MAX_ROUNDS_FACTOR * rounds):
        for name, run in sides.items():
            prepare(name)
            turn, series[name].result = _timed(run)
            series[name].turns.append(turn)
        if all(one.turns[number].others <= OTHERS_SHARE for one in series.values()):
            quiet.append(number)
        if len(quiet) >= rounds or (number + 1 >= rounds and not quiet):
            break
    count = len(next(iter(series.values())).turns)
    if len(quiet) >= min(rounds, 3):
        return Comparison(sides=series, judged=quiet, label=f"{len(quiet)} quiet rounds of {count}")
    return Comparison(
        sides=series, judged=list(range(count)), label=f"{count} rounds on a LOADED host"
    )


def _timed(run: Callable[[], Any]) -> tuple[Turn, Any]:
    machine, began, cpu = busy_seconds(), time.perf_counter(), time.process_time()
    result = run()
    wall, own = time.perf_counter() - began, time.process_time() - cpu
    others = busy_seconds() - machine - own
    return Turn(wall=wall, cpu=own, others=max(0.0, others) / (wall * psutil.cpu_count())), result


def busy_seconds() -> float:
    """CPU seconds that all processes of this machine have used, stolen time included."""
    fields = Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:]
    user, nice, system, _idle, _wait, irq, soft, steal = (int(value) for value in fields[:8])
    return (user + nice + system + irq + soft + steal) / 100
