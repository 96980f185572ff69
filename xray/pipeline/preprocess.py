"""From a grey film to the input of a network.

This is the only way in: training, evaluation, calibration and serving all call `frame`, so a
score never shifts because two places resize differently. The films the classifier learned from
were stretched to a square by their publisher; a served film is therefore cut free of its plain
border and stretched in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Film = NDArray[np.float32]

# A line is border when it is nearly one tone and that tone is nearly black or nearly white.
PLAIN_RANGE = 0.04
BORDER_TONE = 0.06
# More than this from one side is no border but a film that is mostly dark.
LARGEST_BORDER = 0.25
# The shares of darkest and brightest pixels that may saturate: markers and burnt corners.
LOW_SHARE, HIGH_SHARE = 1.0, 99.0
LEAST_CONTRAST = 1e-3


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the film: left and top inside, right and bottom outside."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Framed:
    """A square picture for a network, and where on the film it was taken from."""

    pixels: Film
    """(px, px) float32 in [0, 1]."""
    box: Box


def frame(film: Film, px: int) -> Framed:
    """The film without its plain border, stretched to `px` by `px`, contrast to [0, 1].

    `film` is (height, width) float32 in [0, 1], 0 black. Raises ValueError when it is not two
    dimensional or empty.
    """
    if film.ndim != 2 or 0 in film.shape:
        raise ValueError(f"a film has two dimensions and pixels, not the shape {film.shape}")
    box = inner_box(film)
    cut = np.ascontiguousarray(film[box.top : box.bottom, box.left : box.right], dtype=np.float32)
    square = np.asarray(Image.fromarray(cut).resize((px, px), Image.Resampling.BILINEAR))
    return Framed(stretch_contrast(square), box)


def inner_box(film: Film) -> Box:
    """What is left when plain black or white lines are taken from each side."""
    height, width = film.shape
    top, bottom = _border(film)
    left, right = _border(film.T)
    return Box(left, top, width - right, height - bottom)


def stretch_contrast(picture: Film) -> Film:
    """The tones between the darkest and the brightest percent, spread over [0, 1].

    A picture of one tone stays one tone: it becomes 0 everywhere.
    """
    low, high = np.percentile(picture, (LOW_SHARE, HIGH_SHARE))
    spread = max(float(high - low), LEAST_CONTRAST)
    stretched: Film = np.clip((picture - np.float32(low)) / np.float32(spread), 0.0, 1.0)
    return stretched.astype(np.float32)


def _border(lines: Film) -> tuple[int, int]:
    """How many rows of `lines` are border at its beginning and at its end."""
    low, high = lines.min(axis=1), lines.max(axis=1)
    plain = (high - low <= PLAIN_RANGE) & ((high <= BORDER_TONE) | (low >= 1 - BORDER_TONE))
    inner = np.flatnonzero(~plain)
    if inner.size == 0:
        return 0, 0
    most = int(len(lines) * LARGEST_BORDER)
    first, last = int(inner[0]), len(lines) - 1 - int(inner[-1])
    return (first if first <= most else 0), (last if last <= most else 0)
