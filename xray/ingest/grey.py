"""Colour pictures as grey films, and how much colour there was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from xray.pipeline.preprocess import Film

# ITU-R BT.601, as JPEG and every viewer use it.
_LUMA = (0.299, 0.587, 0.114)
_BAND = 256


class Grey(NamedTuple):
    """`film` (height, width) float32 in [0, 1]; `colour_distance` is the mean over all pixels of
    the largest minus the smallest channel, in units of 255: 0 for grey, about 2 for the noise of a
    JPEG in colour, tens for a photo."""

    film: Film
    colour_distance: float


def grey_of(colour: NDArray[Any]) -> Grey:
    """From (height, width, 3) uint8 or uint16, a band of rows at a time."""
    largest = float(np.iinfo(colour.dtype).max)
    film = np.empty(colour.shape[:2], np.float32)
    distance = 0
    for top in range(0, len(colour), _BAND):
        band = colour[top : top + _BAND]
        distance += int((band.max(axis=2) - band.min(axis=2)).sum(dtype=np.int64))
        film[top : top + _BAND] = band @ np.array(_LUMA, np.float32)
    film /= np.float32(largest)
    np.clip(film, 0, 1, out=film)
    return Grey(film, distance / film.size * 255 / largest)
