"""BMP: a file header, one of seven picture headers, masks or a palette, rows of pixels."""

from __future__ import annotations

import struct
from typing import NamedTuple

from project.images.containers.header import Header, Malformed, Reason, Unsupported

NAME = "BMP"
MAY_HAVE_TAIL = False
_HEADER_SIZES = frozenset({12, 40, 52, 56, 64, 108, 124})
_DEPTHS = frozenset({1, 4, 8, 16, 24, 32})
_RAW, _RLE8, _RLE4, _MASKS = 0, 1, 2, 3
_PROFILE_OFFSET, _PROFILE_BYTES = 112, 116


class _Facts(NamedTuple):
    width: int
    height: int
    bits: int
    compression: int
    stored_bytes: int
    header_bytes: int
    pixels_at: int


def matches(data: bytes) -> bool:
    """Whether the first bytes are BMP's and a known picture header follows."""
    return data.startswith(b"BM") and len(data) > 26 and data[14] in _HEADER_SIZES


def _facts(data: bytes) -> _Facts:
    (pixels_at, size) = struct.unpack_from("<II", data, 10)
    if size not in _HEADER_SIZES or len(data) < 14 + size:
        raise Malformed("an unknown header")
    if size == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        return _Facts(width, height, bits, _RAW, 0, size, pixels_at)
    width, height, _, bits, compression, stored = struct.unpack_from("<iiHHII", data, 18)
    # A negative height says that the first row is the top one.
    return _Facts(width, abs(height), bits, compression, stored, size, pixels_at)


def read_header(data: bytes) -> Header:
    """Size and depth; BMP knows neither frames nor more than 8 bits per channel here."""
    facts = _facts(data)
    if facts.width <= 0 or facts.height == 0:
        raise Malformed("a side is zero")
    if facts.compression not in (_RAW, _RLE8, _RLE4, _MASKS):
        raise Unsupported(Reason.COMPRESSION)
    if facts.bits not in _DEPTHS:
        raise Malformed("an unknown depth")
    return Header(width=facts.width, height=facts.height)


def find_end(data: bytes) -> int:
    """Offset after the pixels and the profile of a version 5 header."""
    facts = _facts(data)
    if facts.compression in (_RLE8, _RLE4):
        end = facts.pixels_at + facts.stored_bytes
    else:
        end = facts.pixels_at + (facts.width * facts.bits + 31) // 32 * 4 * facts.height
    if facts.header_bytes == 124:
        offset, length = struct.unpack_from("<II", data, 14 + _PROFILE_OFFSET)
        end = max(end, 14 + offset + length if length else 0)
    if end > len(data):
        raise Malformed("the pixels are cut short")
    return end
