"""The size that compressed pixels announce themselves, read before any decoder is asked."""

from __future__ import annotations

import struct
from typing import NamedTuple

_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
# SOF0 to SOF15 without the three that are tables, and SOF55 of JPEG-LS.
_FRAMES = (frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}) | {0xF7}


class Announced(NamedTuple):
    """Rows and columns, samples per pixel and bits per sample."""

    rows: int
    columns: int
    samples: int
    bits: int


def announced(stream: memoryview) -> Announced | None:
    """Of a JPEG, JPEG-LS or JPEG 2000 stream; None when it begins like none or is cut short.

    ISO 10918-1 B.2.2, ISO 14495-1 C.2.2 and ISO 15444-1 A.5.1 (also within a JP2 file).
    """
    try:
        if bytes(stream[:2]) == b"\xff\xd8":
            return _of_jpeg(stream)
        at = bytes(stream[:4096]).find(b"\xff\x4f\xff\x51")
        return _of_jpeg_2000(stream[at:]) if at >= 0 else None
    except (struct.error, IndexError):
        return None


def _of_jpeg(stream: memoryview) -> Announced | None:
    at = 2
    while True:
        while stream[at] == 0xFF and stream[at + 1] == 0xFF:
            at += 1
        if stream[at] != 0xFF:
            return None
        marker = stream[at + 1]
        if marker in _NO_LENGTH:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", stream, at + 2)
        if marker in _FRAMES:
            bits, rows, columns, samples = struct.unpack_from(">BHHB", stream, at + 4)
            return Announced(rows, columns, samples, bits)
        if length < 2 or marker == 0xDA:
            return None
        at += 2 + length


def _of_jpeg_2000(stream: memoryview) -> Announced:
    right, bottom, left, top = struct.unpack_from(">4L", stream, 8)
    samples, depth = struct.unpack_from(">HB", stream, 40)
    return Announced(bottom - top, right - left, samples, (depth & 0x7F) + 1)
