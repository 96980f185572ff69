"""Does the heat map point at what the score rests on? Mask its hottest pixels and see."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray.pipeline.calibration import Calibration
from xray.pipeline.classifier import FilmClassifier, score
from xray.pipeline.heatmap import heat_map
from xray.pipeline.preprocess import Box, Film

SHARE = 0.10


def masking_effect(
    classifier: FilmClassifier,
    films: list[Film],
    calibration: Calibration,
    *,
    seed: int = 0,
) -> dict[str, Any]:
    """Mean fall of the probability of sick framed films under two masks of a tenth of the pixels.

    Masked pixels take the film's mean tone. `random` is one connected patch of the same size at
    a random place: scattered pixels would hide nothing.
    """
    random = np.random.default_rng(seed)
    falls: dict[str, list[float]] = {"hottest": [], "random": [], "scattered": []}
    for film in films:
        before, evidence = _probability(classifier, film, calibration)
        px = film.shape[0]
        full = heat_map(evidence, box=Box(0, 0, px, px), shape=(px, px)).map
        masks = {
            "hottest": _hottest(full),
            "random": _patch(px, random),
            "scattered": random.random((px, px)) < SHARE,
        }
        for name, mask in masks.items():
            hidden = np.where(mask, film.mean(dtype=np.float64), film).astype(np.float32)
            falls[name].append(before - _probability(classifier, hidden, calibration)[0])
    return {
        "films": len(films),
        "masked_share": SHARE,
        **{f"fall_{name}": round(float(np.mean(values)), 4) for name, values in falls.items()},
    }


def _probability(
    classifier: FilmClassifier, film: Film, calibration: Calibration
) -> tuple[float, Film]:
    (scores,) = score(classifier, [film], device="cpu")
    return calibration.probability(scores.pneumonia), scores.evidence


def _hottest(full: Film) -> NDArray[np.bool_]:
    count = round(full.size * SHARE)
    order = np.argsort(full, axis=None, kind="stable")[-count:]
    mask = np.zeros(full.size, dtype=bool)
    mask[order] = True
    return mask.reshape(full.shape)


def _patch(px: int, random: np.random.Generator) -> NDArray[np.bool_]:
    side = round(px * SHARE**0.5)
    top, left = random.integers(0, px - side + 1, 2)
    mask = np.zeros((px, px), dtype=bool)
    mask[top : top + side, left : left + side] = True
    return mask
