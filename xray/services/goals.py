"""What a classifier must have shown before it may serve: one table, changed only in code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xray.models import ModelVersion
from xray.pipeline.calibration import Calibration, NotCalibrated

# Films that the version, as far as this server knows, did not learn from.
HELD_OUT = ("holdout", "test", "all")
LEAST_FILMS = 100
SAME_POINT = 1e-6


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound for one figure of `xray_eval`."""

    figure: str
    bound: float
    at_least: bool = True

    def is_met(self, value: float) -> bool:
        """False for anything that is no number."""
        return value >= self.bound if self.at_least else value <= self.bound

    def told(self) -> str:
        """As operators read it."""
        return f"{self.figure} {'>=' if self.at_least else '<='} {self.bound:g}"


GOALS = (
    Goal("auc", 0.96),
    Goal("accuracy", 0.88),
    Goal("sensitivity", 0.95),
    Goal("specificity", 0.75),
    Goal("ece", 0.05, at_least=False),
)


@dataclass(frozen=True, slots=True)
class Missed:
    """One thing that keeps a version from serving. `value` is None where nothing was measured."""

    what: str
    value: float | None = None

    def told(self) -> str:
        """As operators read it."""
        return self.what if self.value is None else f"{self.what} (is {self.value:g})"


def missed_goals(version: ModelVersion) -> list[Missed]:
    """Empty when the version's own hold-out figures meet every goal."""
    figures: Mapping[str, Any] = version.metrics.get("holdout", {})
    try:
        calibration = Calibration.of_json(version.calibration)
        point = calibration.point(version.point_name)
    except NotCalibrated:
        return [Missed("a calibration")]
    if not figures:
        return [Missed("figures on held-out films")]
    missed = []
    if figures.get("split") not in HELD_OUT:
        missed.append(Missed("figures on held-out films"))
    if not _number(figures.get("n")) >= LEAST_FILMS:
        missed.append(Missed(f"n >= {LEAST_FILMS}", _shown(figures.get("n"))))
    measured_at = figures.get("operating_point", {}).get("probability")
    if not abs(_number(measured_at) - point) <= SAME_POINT:
        missed.append(Missed(f"figures at the operating point {point:g}", _shown(measured_at)))
    missed += [
        Missed(goal.told(), _shown(figures.get(goal.figure)))
        for goal in GOALS
        if not goal.is_met(_number(figures.get(goal.figure)))
    ]
    return missed


def _number(value: Any) -> float:
    """NaN, which meets no goal, for what is missing or no number."""
    return float(value) if isinstance(value, int | float) else float("nan")


def _shown(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
