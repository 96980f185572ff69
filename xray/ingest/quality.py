"""Cheap, certain checks of a film: too small, blank, noise, in colour, a drawing, a strip.

Pure numpy, no Django: the gate of the worker calls `judge` before its network, so that every
refusal has a study and a reason on its page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from xray.pipeline.preprocess import Film

LOW_QUALITY, NOT_CHEST_XRAY = "low_quality", "not_chest_xray"
_LEVELS = 256
_BAND = 256
# Shares of pure tones and of noise are judged at about this many pixels of the shorter side, so
# that the grain of a large film does not count.
_REDUCED = 128


@dataclass(frozen=True, kw_only=True, slots=True)
class QualityLimits:
    """The thresholds; a film on the wrong side of one is refused."""

    least_side: float = 128
    """Pixels of the shorter side."""
    least_contrast: float = 8
    """Standard deviation of the tones, of 255."""
    least_entropy: float = 3.5
    """Bits of the histogram of 256 tones."""
    least_smoothness: float = 0.6
    """Correlation of neighbouring pixels of the reduced film; noise has about 0."""
    most_colour: float = 3
    """Mean distance of the channels, of 255."""
    least_aspect: float = 0.5
    most_aspect: float = 2
    """Width by height."""
    most_extreme: float = 0.9
    """Share of pure black and pure white pixels together."""
    most_binary: float = 0.95
    """Share of the two commonest tones and their neighbours: text, drawings."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QualityVerdict:
    """`code` is empty for a film that passes, else `low_quality` or `not_chest_xray`.

    `measure` names the first measure that failed; `measures` holds all of them, in the units of
    QualityLimits.
    """

    code: str
    measure: str
    measures: dict[str, float]


def judge(
    film: Film, colour_distance: float, limits: QualityLimits = QualityLimits()
) -> QualityVerdict:
    """Measure a film, (height, width) float32 in [0, 1], and compare it with `limits`."""
    found = _measures(film, colour_distance)
    bad = (
        (LOW_QUALITY, "side", found["side"] < limits.least_side),
        (LOW_QUALITY, "contrast", found["contrast"] <= limits.least_contrast),
        (NOT_CHEST_XRAY, "colour", found["colour"] > limits.most_colour),
        (NOT_CHEST_XRAY, "extreme", found["extreme"] >= limits.most_extreme),
        (NOT_CHEST_XRAY, "binary", found["binary"] >= limits.most_binary),
        (LOW_QUALITY, "entropy", found["entropy"] < limits.least_entropy),
        (LOW_QUALITY, "smoothness", found["smoothness"] < limits.least_smoothness),
        (
            NOT_CHEST_XRAY,
            "aspect",
            not limits.least_aspect <= found["aspect"] <= limits.most_aspect,
        ),
    )
    code, measure = next(((code, name) for code, name, is_bad in bad if is_bad), ("", ""))
    return QualityVerdict(code=code, measure=measure, measures=found)


def _measures(film: Film, colour_distance: float) -> dict[str, float]:
    height, width = film.shape
    shares = _histogram(film) / film.size
    used = shares[shares > 0]
    return {
        "side": float(min(height, width)),
        "contrast": _deviation(shares),
        "entropy": float(-(used * np.log2(used)).sum()),
        "smoothness": _smoothness(film),
        "colour": float(colour_distance),
        "aspect": width / height,
        "extreme": float(shares[0] + shares[-1]),
        "binary": _binary_share(shares),
    }


def _histogram(film: Film) -> NDArray[Any]:
    """How many pixels have each of 256 tones; a band of rows at a time, as counting takes eight
    bytes a pixel."""
    counts = np.zeros(_LEVELS, np.int64)
    for top in range(0, len(film), _BAND):
        tones = np.rint(film[top : top + _BAND] * (_LEVELS - 1)).astype(np.uint8)
        counts += np.bincount(tones.ravel(), minlength=_LEVELS)
    return counts


def _deviation(shares: NDArray[Any]) -> float:
    levels = np.arange(_LEVELS)
    mean = float((shares * levels).sum())
    return float(np.sqrt((shares * (levels - mean) ** 2).sum()))


def _binary_share(shares: NDArray[Any]) -> float:
    """Of the two commonest groups of tones: a tone with two neighbours on each side."""
    padded = np.pad(shares, 2)
    groups = np.sum([padded[offset : offset + _LEVELS] for offset in range(5)], axis=0)
    first = int(np.argmax(groups))
    apart = np.abs(np.arange(_LEVELS) - first) > 4
    return float(groups[first] + (groups * apart).max())


def _smoothness(film: Film) -> float:
    """Correlation of horizontal and vertical neighbours after averaging blocks of pixels."""
    height, width = film.shape
    step = max(1, min(height, width) // _REDUCED)
    rows, columns = height // step, width // step
    if rows < 2 or columns < 2:
        return 0.0
    blocks = film[: rows * step, : columns * step].reshape(rows, step, columns, step)
    small = blocks.mean(axis=(1, 3), dtype=np.float64)
    small -= small.mean()
    power = float((small**2).mean())
    if power < 1e-12:
        return 0.0
    across = float((small[:, 1:] * small[:, :-1]).mean())
    down = float((small[1:] * small[:-1]).mean())
    return min(across, down) / power
