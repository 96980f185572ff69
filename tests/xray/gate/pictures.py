"""Chest films and other pictures that the suite draws, and where real ones lie."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from xray.training.canvas import ball, exposed, tube

DATA = Path(os.environ.get("OMNILENS_XRAY_DATA") or "/nowhere")


def needs(name: str) -> pytest.MarkDecorator:
    """For tests that read `name` beside the packs of OMNILENS_XRAY_DATA."""
    return pytest.mark.skipif(
        not (DATA / name).exists(), reason=f"OMNILENS_XRAY_DATA names no folder with {name}"
    )


def frontal(random: np.random.Generator) -> np.ndarray:
    """Two dark fields beside a bright middle, the heart on the right of the picture, domes below."""
    parts = [
        (1.0, ball((0, 0.2), (random.uniform(0.85, 1.0), 1.4))),
        (1.4, tube((0, -1.2), (0, 1.2), random.uniform(0.1, 0.16))),
        (1.1, ball((0.15, 0.3), (0.3, 0.25), 30)),
        (1.0, ball((0, 1.1), (1.0, random.uniform(0.4, 0.6)))),
        (0.5, tube((-1, -0.75), (1, -0.75), 0.12)),
    ]
    for side in (-1, 1):
        parts.append((-1.3, ball((0.42 * side, 0), (0.32, random.uniform(0.55, 0.7)), -8 * side)))
    return exposed(random, parts)
