"""What a batch costs: seconds = fixed + per_item * items, learned from the last batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

REMEMBERED = 50
ENOUGH = 8

Fit = tuple[float, float]


class BatchCost:
    """Least squares over the last 50 batches of one model and shape bucket.

    `fit` is (fixed, per item) in seconds, neither negative, or None before eight batches of at
    least two sizes were seen. `seconds_per_item` is the plain mean, 0 before the first batch.
    """

    def __init__(self) -> None:
        self.fit: Fit | None = None
        self.seconds_per_item = 0.0
        self._batches: deque[tuple[int, float]] = deque(maxlen=REMEMBERED)

    def add(self, items: int, seconds: float) -> None:
        """Learn from one batch that ran well; called by the holder of the device alone."""
        self._batches.append((items, seconds))
        self.fit = _fit(self._batches)
        self.seconds_per_item = sum(s for _, s in self._batches) / sum(n for n, _ in self._batches)


def _fit(batches: Collection[tuple[int, float]]) -> Fit | None:
    count = len(batches)
    mean_items = sum(items for items, _ in batches) / count
    spread = sum((items - mean_items) ** 2 for items, _ in batches)
    if count < ENOUGH or not spread:
        return None
    mean_seconds = sum(seconds for _, seconds in batches) / count
    joint = sum((items - mean_items) * (seconds - mean_seconds) for items, seconds in batches)
    per_item = max(0.0, joint / spread)
    return max(0.0, mean_seconds - per_item * mean_items), per_item
