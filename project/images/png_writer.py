"""PNG with 16 bits per channel, which Pillow cannot write. Needs numpy: import it lazily."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from project.images.containers.png import SIGNATURE

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_SUB, _UP = 1, 2
_ROWS = 64


def write_png16(
    array: NDArray[Any],
    *,
    icc: bytes | None = None,
    exif: bytes | None = None,
    level: int = 3,
) -> bytes:
    """uint16 H x W x channels (grey, grey and alpha, RGB, RGBA) as a PNG file."""
    height, width, channels = array.shape
    header = struct.pack(">IIBBBBB", width, height, 16, _COLOUR_TYPES[channels], 0, 0, 0)
    parts = [SIGNATURE, _chunk(b"IHDR", header)]
    if icc:
        parts.append(_chunk(b"iCCP", b"ICC Profile\x00\x00" + zlib.compress(icc, 9)))
    if exif:
        parts.append(_chunk(b"eXIf", exif.removeprefix(b"Exif\x00\x00")))
    pack = zlib.compressobj(level, zlib.DEFLATED, 15, 9, zlib.Z_FILTERED)
    above = np.zeros(width * channels * 2, np.uint8)
    for top in range(0, height, _ROWS):
        rows = array[top : top + _ROWS].astype(">u2").reshape(-1, width * channels)
        raw = rows.view(np.uint8).reshape(len(rows), -1)
        body = pack.compress(_filtered(raw, above, channels * 2).tobytes())
        above = raw[-1]
        if body:
            parts.append(_chunk(b"IDAT", body))
    parts += [_chunk(b"IDAT", pack.flush()), _chunk(b"IEND", b"")]
    return b"".join(parts)


def _filtered(
    raw: NDArray[np.uint8], above: NDArray[np.uint8], pixel_bytes: int
) -> NDArray[np.uint8]:
    """Each row with the filter, Sub or Up, whose differences are smaller."""
    sub, up = raw.copy(), raw.copy()
    sub[:, pixel_bytes:] -= raw[:, :-pixel_bytes]
    up[1:] -= raw[:-1]
    up[0] -= above
    takes_up = _cost(up) < _cost(sub)
    made = np.empty((raw.shape[0], raw.shape[1] + 1), np.uint8)
    made[:, 0] = np.where(takes_up, _UP, _SUB)
    made[:, 1:] = np.where(takes_up[:, None], up, sub)
    return made


def _cost(differences: NDArray[np.uint8]) -> NDArray[np.int64]:
    # Read as signed: 255 is a step of one downwards. 128 stays -128 and counts as 128.
    signed = differences.view(np.int8).astype(np.int16)
    costs: NDArray[np.int64] = np.abs(signed).sum(axis=1, dtype=np.int64)
    return costs


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(body, zlib.crc32(kind))
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)
