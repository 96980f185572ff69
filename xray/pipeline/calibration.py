"""From a logit to a probability that means what it says, and the points it is held against.

Platt scaling (Platt 1999; compared with the bare temperature by Guo et al. 2017, arXiv 1706.04599):
one number divides the logit, one is added. The interval tells how much the first depends on which
films it was fitted on; it says nothing of how sure the network may be of one film.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

POINTS = ("screening", "balanced", "rule_in")


class NotCalibrated(ValueError):
    """A model version has no usable calibration."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of one label: the temperature with its 95 % bootstrap bounds, and the operating points."""

    temperature: float
    temperature_low: float
    temperature_high: float
    points: Mapping[str, float]
    """By rule (see POINTS): calibrated probabilities in 0 to 1."""
    bias: float = 0.0
    """Added to the divided logit."""

    def probability(self, logit: float) -> float:
        """Calibrated, 0 to 1."""
        return sigmoid(logit / self.temperature + self.bias)

    def interval(self, logit: float) -> tuple[float, float]:
        """95 %, of the calibration alone."""
        bounds = (
            sigmoid(logit / self.temperature_low + self.bias),
            sigmoid(logit / self.temperature_high + self.bias),
        )
        return min(bounds), max(bounds)

    def point(self, name: str) -> float:
        """The operating point of a rule. Raises NotCalibrated when it was never chosen."""
        try:
            return self.points[name]
        except KeyError:
            raise NotCalibrated(f"no operating point {name!r}") from None

    def as_json(self) -> dict[str, Any]:
        """As a model version and a checkpoint keep it."""
        return {**asdict(self), "points": dict(self.points)}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Calibration:
        """Back from `as_json`. Raises NotCalibrated."""
        try:
            temperatures = [
                float(kept[name]) for name in ("temperature", "temperature_low", "temperature_high")
            ]
            bias = float(kept.get("bias", 0.0))
            points = {str(name): float(value) for name, value in kept["points"].items()}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NotCalibrated(f"the calibration cannot be read: {error!r}") from error
        if min(temperatures) <= 0 or not all(0 < point < 1 for point in points.values()):
            raise NotCalibrated("temperatures are positive and points lie between 0 and 1")
        middle, low, high = temperatures
        return cls(middle, low, high, points, bias)


def sigmoid(logit: float) -> float:
    """1 / (1 + e^-x) without overflow."""
    if logit >= 0:
        return 1 / (1 + math.exp(-logit))
    power = math.exp(logit)
    return power / (1 + power)
