"""Figures of a classifier on labelled films, each with a 95 % interval by patients.

Patients, not films, are drawn again and again (bootstrap): films of one patient resemble each
other, and an interval that ignores this is too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

BINS = 15
DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Scored:
    """Films with calibrated probabilities and what they are."""

    probability: Numbers
    """(n,) in 0 to 1."""
    sick: Flags
    groups: Sequence[str]

    def take(self, index: NDArray[np.int_]) -> Scored:
        """The films at these places, repeats allowed."""
        return Scored(
            self.probability[index], self.sick[index], [self.groups[place] for place in index]
        )


def auc(probability: Numbers, sick: Flags) -> float:
    """Area under the ROC curve: the chance that a sick film scores above a well one (ties: half).

    Raises ValueError when a class is missing.
    """
    positives, negatives = int(sick.sum()), int((~sick).sum())
    if not positives or not negatives:
        raise ValueError("an area under the curve needs both classes")
    values, inverse, counts = np.unique(probability, return_inverse=True, return_counts=True)
    del values
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[sick].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def ece(probability: Numbers, sick: Flags, bins: int = BINS) -> float:
    """Expected calibration error over bins of equal counts."""
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, min(bins, len(order))) if part.size]
    gaps = [abs(probability[part].mean() - sick[part].mean()) * part.size for part in parts]
    return float(sum(gaps) / len(order))


def reliability(probability: Numbers, sick: Flags, bins: int = BINS) -> list[dict[str, float]]:
    """What the reliability diagram draws: mean probability, share sick and count by bin."""
    order = np.argsort(probability, kind="stable")
    return [
        {
            "probability": round(float(probability[part].mean()), 4),
            "share": round(float(sick[part].mean()), 4),
            "count": int(part.size),
        }
        for part in np.array_split(order, min(bins, len(order)))
        if part.size
    ]


def figures_at(scored: Scored, threshold: float) -> dict[str, float]:
    """Every figure; decisions are `probability >= threshold`."""
    called, sick = scored.probability >= threshold, scored.sick
    return {
        "auc": auc(scored.probability, sick),
        "accuracy": float((called == sick).mean()),
        "sensitivity": float(called[sick].mean()),
        "specificity": float((~called[~sick]).mean()),
        "ece": ece(scored.probability, sick),
        "brier": float(((scored.probability - sick) ** 2).mean()),
    }


def intervals(
    scored: Scored,
    figures: Callable[[Scored], dict[str, float]],
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> dict[str, list[float]]:
    """95 % percentile intervals; draws that miss a class are drawn again."""
    places = _places_by_group(scored.groups)
    random = np.random.default_rng(seed)
    results: list[dict[str, float]] = []
    while len(results) < draws:
        drawn = random.integers(0, len(places), len(places))
        again = scored.take(np.concatenate([places[index] for index in drawn]))
        if again.sick.any() and not again.sick.all():
            results.append(figures(again))
    return {
        name: [
            round(float(bound), 4)
            for bound in np.percentile([result[name] for result in results], (2.5, 97.5))
        ]
        for name in results[0]
    }


def _places_by_group(groups: Sequence[str]) -> list[NDArray[np.int_]]:
    places: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        places.setdefault(group, []).append(place)
    return [np.array(found) for found in places.values()]
