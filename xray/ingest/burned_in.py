"""Whether letters seem to be burned into the border of a film: a warning, nothing more.

Text is many short strokes in a row: along one line of pixels the tone jumps up and down again and
again, over a low band of lines. Anatomy has soft edges, a side marker is a stroke or two, and the
edge of the collimator is one jump. Nothing is erased, and finding none promises nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from xray.pipeline.preprocess import Film

# The longer side is brought to at most this; letters are then 8 to 40 pixels high.
_SIDE = 1024
# Of each side, where film identification stands.
_BORDER = 0.18
# A jump of this much within two pixels is the edge of a stroke.
_JUMP = 0.22
# Jumps up and down in one line within this share of the width: four letters or more.
_STROKES, _REACH = 10, 0.3
# A line of text is this high, in lines of pixels and as a share of the height.
_LEAST_LINES, _MOST_HEIGHT = 4, 0.08


def has_border_text(film: Film) -> bool:
    """Whether the outer part of (height, width) float32 in [0, 1] looks written on."""
    small = _reduced(film)
    height, width = small.shape
    band = max(1, round(height * _BORDER)), max(1, round(width * _BORDER))
    strips = (small[: band[0]], small[-band[0] :], small[:, : band[1]], small[:, -band[1] :])
    reach = max(24, round(_REACH * max(height, width)))
    most = max(_LEAST_LINES + 1, round(_MOST_HEIGHT * height))
    return any(_has_line(strip, reach, most) for strip in strips)


def _reduced(film: Film) -> Film:
    height, width = film.shape
    share = _SIDE / max(height, width)
    if share >= 1:
        return film
    size = max(8, round(width * share)), max(8, round(height * share))
    return np.asarray(Image.fromarray(film).resize(size, Image.Resampling.BOX))


def _has_line(strip: Film, reach: int, most: int) -> bool:
    strokes = _strokes_within(_alternations(strip), reach)
    written: NDArray[Any] = (strokes >= _STROKES).max(axis=1)
    return any(_LEAST_LINES <= run <= most for run in _runs(written))


def _alternations(strip: Film) -> NDArray[Any]:
    """Where a line jumps against the direction of its last jump."""
    step = np.zeros(strip.shape, np.float32)
    step[:, 2:] = strip[:, 2:] - strip[:, :-2]
    sign = np.where(step > _JUMP, 1, np.where(step < -_JUMP, -1, 0)).astype(np.int8)
    # The last jump before each pixel, carried along the line.
    places = np.where(sign != 0, np.arange(sign.shape[1]), 0)
    np.maximum.accumulate(places, axis=1, out=places)
    before = np.zeros_like(sign)
    before[:, 1:] = np.take_along_axis(sign, places, axis=1)[:, :-1]
    turns: NDArray[Any] = (sign != 0) & (before == -sign)
    return turns


def _strokes_within(turns: NDArray[Any], reach: int) -> NDArray[Any]:
    total = np.cumsum(turns, axis=1, dtype=np.int32)
    within = total.copy()
    within[:, reach:] -= total[:, :-reach]
    return within


def _runs(written: NDArray[Any]) -> list[int]:
    """Lengths of unbroken stretches of lines that are written on."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], written.astype(np.int8), [0]))))
    return [int(last - first) for first, last in zip(edges[::2], edges[1::2], strict=True)]
