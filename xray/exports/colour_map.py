"""The colours of a heat map: 256 steps from dark violet over red to pale yellow.

Made from a formula instead of a copied table: a path through OKLab (Björn Ottosson, 2020) whose
lightness rises in a straight line while the hue turns, walked in steps of equal colour
difference. Equal steps of the map so look equal, and the order survives in grey and for
colour-blind readers, because lightness alone carries it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

STEPS = 256
_LIGHTNESS = (0.36, 0.93)
_HUE_DEGREES = (295.0, 460.0)
_CHROMA = 0.185
_TO_LMS = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_TO_LINEAR = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


@cache
def table() -> NDArray[np.float32]:
    """sRGB in 0..1, (256, 3); read-only."""
    lab = path()
    encoded = _encode(np.clip(_linear(lab), 0, 1)).astype(np.float32)
    encoded.setflags(write=False)
    return encoded


def path() -> NDArray[np.float64]:
    """The same colours in OKLab, (256, 3), at equal distances."""
    fine = _walk(np.linspace(0, 1, 2048))
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(fine, axis=0), axis=1))])
    places = np.interp(np.linspace(0, length[-1], STEPS), length, np.linspace(0, 1, len(fine)))
    return _walk(places)


def _walk(share: NDArray[np.float64]) -> NDArray[np.float64]:
    lightness = _LIGHTNESS[0] + (_LIGHTNESS[1] - _LIGHTNESS[0]) * share
    hue = np.radians(_HUE_DEGREES[0] + (_HUE_DEGREES[1] - _HUE_DEGREES[0]) * share)

    def at(chroma: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=1)

    # The largest chroma that a screen can show there, found by halving; 24 halvings are exact.
    low, high = np.zeros_like(share), np.full_like(share, _CHROMA)
    for _ in range(24):
        middle = (low + high) / 2
        linear = _linear(at(middle))
        fits = ((linear >= 0) & (linear <= 1)).all(axis=1)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return at(low)


def _linear(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    linear: NDArray[np.float64] = (lab @ _TO_LMS.T) ** 3 @ _TO_LINEAR.T
    return linear


def _encode(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
