"""Hold the forms in which a classifier serves against plain float32, film by film.

Only a format that was measured here, and stayed within the bound of
`project.inference.registry.MAX_PROBABILITY_DIFFERENCE`, is offered to a worker.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from project.inference.registry import MAX_PROBABILITY_DIFFERENCE
from xray.pipeline.calibration import Calibration
from xray.pipeline.checkpoint import InputSpec
from xray.pipeline.classifier import FilmClassifier, Scores, for_serving, score
from xray.pipeline.form import BFLOAT16_FORM
from xray.pipeline.heatmap import locate
from xray.pipeline.packed import can_pack

DTYPES = ("float32", "bfloat16")


def format_differences(
    network: nn.Module, spec: InputSpec, films: Tensor, calibration: Calibration
) -> dict[str, dict[str, Any]]:
    """By format: the largest difference of the calibrated probability, and how often the heat
    map's region is the same, over the (n, px, px) framed films.

    Plain float32 is the network as it was trained, run eagerly on contiguous input. A format
    that this processor cannot run is not in the answer.
    """
    chosen = [film.numpy() for film in films]
    plain = _all(FilmClassifier(network, spec), chosen)
    told: dict[str, dict[str, Any]] = {}
    for dtype in DTYPES:
        if not can_pack(getattr(torch, dtype)):
            continue
        served = _all(for_serving(network, spec, device="cpu", dtype=dtype), chosen)
        pairs = list(zip(plain, served, strict=True))
        worst = max(
            abs(calibration.probability(a.pneumonia) - calibration.probability(b.pneumonia))
            for a, b in pairs
        )
        told[dtype] = {
            "films": len(chosen),
            "probability_difference": _rounded_up(worst),
            "regions_equal": round(float(np.mean([_region(a) == _region(b) for a, b in pairs])), 4),
            "verified": worst <= MAX_PROBABILITY_DIFFERENCE,
        }
        if dtype != "float32":
            told[dtype]["form"] = BFLOAT16_FORM
    return told


def _all(classifier: FilmClassifier, films: list[Any]) -> list[Scores]:
    """One by one, as a processor serves them."""
    return [score(classifier, [film], device="cpu")[0] for film in films]


def _region(scores: Scores) -> str:
    return str(locate(np.maximum(scores.evidence, 0))[0])


def _rounded_up(difference: float) -> float:
    return float(np.ceil(difference * 1e5) / 1e5)
