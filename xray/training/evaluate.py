"""Score labelled films with a classifier and print what it is worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from xray.pipeline.calibration import Calibration
from xray.pipeline.checkpoint import InputSpec
from xray.pipeline.classifier import FilmClassifier, score
from xray.pipeline.preprocess import frame
from xray.training.figures import Scored, figures_at, intervals, reliability
from xray.training.packs import FilmRow, Pack

BATCH = 16


def film_logits(
    classifier: FilmClassifier,
    films: torch.Tensor,
    *,
    device: str = "cpu",
    tell: Callable[[int], None] = lambda done: None,
) -> NDArray[np.float64]:
    """Pneumonia logits, not calibrated, of (n, px, px) framed films: (n,)."""
    found: list[float] = []
    for begin in range(0, len(films), BATCH):
        batch = [film.numpy() for film in films[begin : begin + BATCH]]
        found += [scores.pneumonia for scores in score(classifier, batch, device=device)]
        tell(len(found))
    return np.array(found, dtype=np.float64)


def framed_films(pack: Pack, rows: Sequence[FilmRow], spec: InputSpec) -> torch.Tensor:
    """(n, px, px) float32 in [0, 1], as serving frames them."""
    return torch.stack([torch.from_numpy(frame(pack.film(row), spec.px).pixels) for row in rows])


def evaluate(
    logits: NDArray[np.float64],
    rows: Sequence[FilmRow],
    calibration: Calibration,
    *,
    point: str = "screening",
    seed: int = 0,
) -> dict[str, Any]:
    """Every figure at a stored operating point, each with its interval; by view where told.

    Raises ValueError when the films are all of one class.
    """
    scored = Scored(
        1 / (1 + np.exp(-(logits / calibration.temperature + calibration.bias))),
        np.array([row.sick for row in rows]),
        [row.group for row in rows],
    )
    threshold = calibration.point(point)
    result: dict[str, Any] = {
        name: round(value, 4) for name, value in figures_at(scored, threshold).items()
    }
    result["n"] = len(rows)
    result["sick"] = int(scored.sick.sum())
    result["operating_point"] = {"name": point, "probability": threshold}
    result["ci"] = intervals(scored, lambda drawn: figures_at(drawn, threshold), seed=seed)
    result["reliability"] = reliability(scored.probability, scored.sick)
    views = sorted({row.view for row in rows if row.view})
    if len(views) > 1:
        result["by_view"] = {view: _of_view(scored, rows, view, threshold) for view in views}
    return result


def _of_view(
    scored: Scored, rows: Sequence[FilmRow], view: str, threshold: float
) -> dict[str, float]:
    part = scored.take(np.flatnonzero([row.view == view for row in rows]))
    told = {name: round(value, 4) for name, value in figures_at(part, threshold).items()}
    return {**told, "n": len(part.groups)}
