"""Brings a canvas to its exact size, strip by strip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from enhance.pipeline.canvas import new_canvas
from enhance.pipeline.tiling import Pixels

STRIP_PIXELS = 8_000_000
LANCZOS_REACH = 3


def resize(pixels: Pixels, *, width: int, height: int, scratch_dir: Path) -> Pixels:
    """`pixels` (H x W or H x W x 3) as `height` x `width`.

    A whole-number reduction takes the mean of each block; everything else is Lanczos, which
    Pillow widens when it reduces, so that neither way aliases.
    """
    source_height, source_width = pixels.shape[:2]
    if (source_height, source_width) == (height, width):
        return pixels
    whole = source_width % width == 0 and source_height % height == 0
    method = Image.Resampling.BOX if whole else Image.Resampling.LANCZOS
    result = new_canvas((height, width, *pixels.shape[2:]), scratch_dir)
    rows = max(1, STRIP_PIXELS // max(width, source_width))
    for top in range(0, height, rows):
        bottom = min(height, top + rows)
        result[top:bottom] = _strip(pixels, width, height, top, bottom, method)
    return result


def _strip(
    pixels: Pixels, width: int, height: int, top: int, bottom: int, method: Image.Resampling
) -> Pixels:
    """Rows `top:bottom` of the result, with the source rows that the filter reaches."""
    source_height, source_width = pixels.shape[:2]
    ratio = source_height / height
    reach = int(np.ceil(LANCZOS_REACH * max(1.0, ratio))) + 1
    first = max(0, int(top * ratio) - reach)
    last = min(source_height, int(np.ceil(bottom * ratio)) + reach)
    part = Image.fromarray(np.ascontiguousarray(pixels[first:last]))
    box = (0.0, top * ratio - first, float(source_width), bottom * ratio - first)
    return np.asarray(part.resize((width, bottom - top), method, box=box))


def resize_alpha(alpha: Pixels, *, width: int, height: int, scratch_dir: Path) -> Pixels:
    """The alpha plane at the new size; a constant one stays exactly what it is."""
    if alpha.min() == alpha.max():
        return np.full((height, width), alpha.flat[0], np.uint8)
    return resize(alpha, width=width, height=height, scratch_dir=scratch_dir)
