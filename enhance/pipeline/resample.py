"""Brings a canvas to its exact size, strip by strip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from enhance.pipeline.canvas import new_canvas
from enhance.pipeline.tiling import Pixels, depth_of, white

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
    result = new_canvas((height, width, *pixels.shape[2:]), scratch_dir, depth_of(pixels))
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
    part = pixels[first:last]
    box = (0.0, top * ratio - first, float(source_width), bottom * ratio - first)
    size = (width, bottom - top)
    if part.dtype == np.uint16:
        return _resized_deep(part, size, method, box)
    image = Image.fromarray(np.ascontiguousarray(part))
    return np.asarray(image.resize(size, method, box=box))


def _resized_deep(
    part: Pixels,
    size: tuple[int, int],
    method: Image.Resampling,
    box: tuple[float, float, float, float],
) -> Pixels:
    """Pillow has the same filters for one channel of float32, and no picture of 3 x 16 bits."""
    planes = part[..., None] if part.ndim == 2 else part
    made = np.empty((size[1], size[0], planes.shape[2]), np.uint16)
    for index in range(planes.shape[2]):
        plane = Image.fromarray(planes[..., index].astype(np.float32))
        resized = np.asarray(plane.resize(size, method, box=box))
        made[..., index] = np.rint(resized).clip(0, white(part))
    return made[..., 0] if part.ndim == 2 else made


def resize_alpha(alpha: Pixels, *, width: int, height: int, scratch_dir: Path) -> Pixels:
    """The alpha plane at the new size; a constant one stays exactly what it is."""
    if alpha.min() == alpha.max():
        return np.full((height, width), alpha.flat[0], alpha.dtype)
    return resize(alpha, width=width, height=height, scratch_dir=scratch_dir)
