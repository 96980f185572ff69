"""How far training has come, and what that means for the picture size and the learning rate.

Progress runs from 0 to 1 and is the larger of the share of the planned work that is done and the
share of the time budget that is gone. So training on a busy machine ends in time with its rate
fully lowered, after fewer steps; on an idle one the plan alone decides and a rerun repeats it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate

WARM_UP = 0.05
START_DIVISOR, END_DIVISOR = 25.0, 1e4


@dataclass(frozen=True, slots=True)
class Plan:
    """Picture sizes and how many epochs of `steps` steps each gets. Raises ValueError."""

    sizes: tuple[int, ...]
    epochs: tuple[int, ...]
    steps: int
    budget_s: float | None = None

    def __post_init__(self) -> None:
        if not self.sizes or len(self.sizes) != len(self.epochs):
            raise ValueError("give as many epochs as sizes, at least one of each")
        if min(self.sizes) < 16 or min(self.epochs) < 1 or self.steps < 1:
            raise ValueError("sizes are at least 16, epochs and steps at least 1")

    @property
    def work(self) -> float:
        """All planned steps in pixels: a step costs as many as its picture has."""
        return float(sum(self._work_by_stage()))

    def progress(self, *, done: float, elapsed_s: float) -> float:
        """From the work done in pixels (see `cost`) and the seconds trained."""
        share = done / self.work
        if self.budget_s is not None:
            share = max(share, elapsed_s / self.budget_s)
        return min(share, 1.0)

    def stage(self, progress: float) -> int:
        """The index into `sizes` that is due at this progress."""
        ends = [end / self.work for end in accumulate(self._work_by_stage())]
        return next(
            (index for index, end in enumerate(ends) if progress < end - 1e-9), len(ends) - 1
        )

    def cost(self, stage: int) -> float:
        """What one step of a stage adds to the work done."""
        return float(self.sizes[stage] ** 2)

    def _work_by_stage(self) -> list[float]:
        return [
            float(px * px * epochs * self.steps)
            for px, epochs in zip(self.sizes, self.epochs, strict=True)
        ]


def learning_rate(progress: float, *, peak: float) -> float:
    """One cycle (Smith and Topin 2017, arXiv 1708.07120): up, then down along a half cosine."""
    if progress < WARM_UP:
        start = peak / START_DIVISOR
        return start + (peak - start) * progress / WARM_UP
    end = peak / END_DIVISOR
    share = (progress - WARM_UP) / (1 - WARM_UP)
    return end + (peak - end) * (1 + math.cos(math.pi * min(share, 1.0))) / 2
