"""From a decoded original to what the pipeline works on."""

from __future__ import annotations

import numpy as np

from enhance.options import EnhanceOptions
from enhance.pipeline.tiling import Pixels
from enhance.pipeline.upscale import Request
from enhance.plan import Plan
from project.images.decode import Picture

_BAND_ROWS = 256


def request_of(picture: Picture, plan: Plan, options: EnhanceOptions) -> Request:
    """The picture in the depth of the plan, with its transparency unless that is to go."""
    alpha = None if options.alpha == "drop" else picture.alpha
    return Request(
        pixels=_in_depth(picture.array, plan.bit_depth),
        alpha=None if alpha is None else _in_depth(alpha, plan.bit_depth),
        is_grey=picture.is_grey,
        icc=picture.icc,
        plan=plan,
    )


def _in_depth(pixels: Pixels, bits: int) -> Pixels:
    """16 bits become 8 where the result cannot hold more: half the memory, half the work."""
    if bits >= 8 * pixels.dtype.itemsize:
        return pixels
    reduced = np.empty(pixels.shape, np.uint8)
    for top in range(0, len(pixels), _BAND_ROWS):
        band = pixels[top : top + _BAND_ROWS].astype(np.uint32)
        reduced[top : top + _BAND_ROWS] = (band + 128) // 257
    return reduced
