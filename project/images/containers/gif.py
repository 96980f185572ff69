"""GIF: a screen, then blocks; pixels lie in chains of short blocks."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from project.images.containers.header import Header, Malformed

NAME = "GIF"
MAY_HAVE_TAIL = False
_EXTENSION, _FRAME, _TRAILER = 0x21, 0x2C, 0x3B
_SCREEN_END = 13


class Block(NamedTuple):
    """An extension, a frame or the trailer, and where it lies."""

    kind: int
    start: int
    end: int


def matches(data: bytes) -> bool:
    """Whether the first bytes are GIF's."""
    return data[:6] in (b"GIF87a", b"GIF89a")


def blocks(data: bytes) -> Iterator[Block]:
    """Blocks up to and including the trailer; raises Malformed when it is missing."""
    if len(data) < _SCREEN_END:
        raise Malformed("the screen is cut short")
    position = _SCREEN_END + _table_bytes(data[10])
    while position < len(data):
        kind, start = data[position], position
        if kind == _TRAILER:
            yield Block(kind, start, start + 1)
            return
        if kind == _EXTENSION:
            position = _chain_end(data, start + 2)
        elif kind == _FRAME and start + 11 <= len(data):
            position = _chain_end(data, start + 11 + _table_bytes(data[start + 9]))
        else:
            raise Malformed("an unknown block")
        yield Block(kind, start, position)
    raise Malformed("the file ends before its trailer")


def _table_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _chain_end(data: bytes, position: int) -> int:
    while position < len(data):
        length = data[position]
        position += 1 + length
        if not length:
            return position
    raise Malformed("a block is cut short")


def read_header(data: bytes) -> Header:
    """The screen, stretched by a first frame that leaves it, and whether a second one follows."""
    frames = []
    for block in blocks(data):
        if block.kind == _FRAME:
            frames.append(block.start)
        if len(frames) > 1:
            break
    if not frames:
        raise Malformed("no frame")
    width, height = struct.unpack_from("<HH", data, 6)
    left, top, frame_width, frame_height = struct.unpack_from("<HHHH", data, frames[0] + 1)
    width, height = max(width, left + frame_width), max(height, top + frame_height)
    if not width or not height:
        raise Malformed("a side is zero")
    return Header(width=width, height=height, is_animated=len(frames) > 1)


def find_end(data: bytes) -> int:
    """Offset after the trailer."""
    end = 0
    for block in blocks(data):
        end = block.end
    return end
