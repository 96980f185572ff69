"""The de-identified working copy of a film: a grey PNG of pixels and nothing else."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image

from project.images.png_writer import write_png16

if TYPE_CHECKING:
    from xray.pipeline.preprocess import Film

# Written while the sender waits; equal films give equal bytes at any level.
_LEVEL = 2
_BAND = 256


def encode_film(film: Film, *, bit_depth: Literal[8, 16]) -> bytes:
    """(height, width) float32 in [0, 1] as a PNG of one channel, rounded to 8 or 16 bits.

    Raises ValueError for another shape or depth.
    """
    if film.ndim != 2 or 0 in film.shape or bit_depth not in (8, 16):
        raise ValueError(f"no film of {bit_depth} bits has the shape {film.shape}")
    largest = (1 << bit_depth) - 1
    tones = np.empty(film.shape, np.uint8 if bit_depth == 8 else np.uint16)
    for top in range(0, len(film), _BAND):
        band = np.clip(film[top : top + _BAND], 0, 1)
        tones[top : top + _BAND] = np.rint(band * np.float32(largest))
    if bit_depth == 16:
        return write_png16(tones[..., None], level=_LEVEL)
    buffer = io.BytesIO()
    Image.fromarray(tones).save(buffer, "PNG", compress_level=_LEVEL)
    return buffer.getvalue()


def decode_film(content: bytes) -> Film:
    """What `encode_film` wrote, as float32 in [0, 1]. Raises ValueError for anything else."""
    with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
        if image.mode not in ("L", "I;16"):
            raise ValueError(f"a working copy is grey, not {image.mode}")
        tones = np.asarray(image)
    film: Film = tones.astype(np.float32)
    film /= np.float32(np.iinfo(tones.dtype).max)
    return film
