"""WEBP: a RIFF file of chunks; VP8X announces canvas and features."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from project.images.containers.header import Header, Malformed

NAME = "WEBP"
MAY_HAVE_TAIL = False
_ANIMATION, _XMP, _ALPHA = 0x02, 0x04, 0x10
_EXTENDED_BYTES = 10


class Chunk(NamedTuple):
    """A chunk and where it lies in the file; `end` includes the padding byte."""

    kind: bytes
    body: bytes
    start: int
    end: int


def matches(data: bytes) -> bool:
    """Whether the first bytes are WEBP's."""
    return data.startswith(b"RIFF") and data[8:12] == b"WEBP"


def chunks(data: bytes) -> Iterator[Chunk]:
    """All chunks of the RIFF body; raises Malformed when it is cut short."""
    stop = find_end(data)
    position = 12
    while position + 8 <= stop:
        kind, length = struct.unpack_from("<4sI", data, position)
        end = position + 8 + length + (length & 1)
        if end > stop:
            raise Malformed("a chunk is cut short")
        yield Chunk(kind, data[position + 8 : position + 8 + length], position, end)
        position = end


def read_header(data: bytes) -> Header:
    """Canvas and bitstream size, which must agree, from the first bytes of each chunk."""
    canvas: tuple[int, int] | None = None
    position = 12
    while position + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, position)
        body = data[position + 8 : position + 8 + min(length, _EXTENDED_BYTES)]
        if kind == b"VP8X":
            if len(body) < _EXTENDED_BYTES:
                break
            canvas = _u24(body, 4) + 1, _u24(body, 7) + 1
            if body[0] & _ANIMATION:
                return Header(width=canvas[0], height=canvas[1], is_animated=True)
        if kind in (b"VP8 ", b"VP8L"):
            size = _bitstream_size(kind, body)
            if canvas and canvas != size:
                # The larger one is what a decoder would allocate.
                size = max(canvas[0], size[0]), max(canvas[1], size[1])
            return Header(width=size[0], height=size[1])
        position += 8 + length + (length & 1)
    if canvas:
        return Header(width=canvas[0], height=canvas[1])
    raise Malformed("no image chunk")


def _bitstream_size(kind: bytes, body: bytes) -> tuple[int, int]:
    if kind == b"VP8L":
        if len(body) < 5 or body[0] != 0x2F:
            raise Malformed("a broken VP8L header")
        (bits,) = struct.unpack_from("<I", body, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if len(body) < 10 or body[3:6] != b"\x9d\x01\x2a":
        raise Malformed("a broken VP8 header")
    width, height = struct.unpack_from("<HH", body, 6)
    if not width & 0x3FFF or not height & 0x3FFF:
        raise Malformed("a side is zero")
    return width & 0x3FFF, height & 0x3FFF


def _u24(body: bytes, offset: int) -> int:
    return int.from_bytes(body[offset : offset + 3], "little")


def find_end(data: bytes) -> int:
    """Offset after the RIFF body and its padding byte."""
    (size,) = struct.unpack_from("<I", data, 4)
    end: int = 8 + size + (size & 1)
    if end > len(data):
        raise Malformed("the RIFF body is cut short")
    return end


def read_xmp(data: bytes) -> bytes | None:
    """The XMP chunk."""
    return next((chunk.body for chunk in chunks(data) if chunk.kind == b"XMP "), None)


def with_xmp(data: bytes, packet: bytes) -> bytes:
    """An extended file whose last chunk is the only XMP."""
    kept = [chunk for chunk in chunks(data) if chunk.kind != b"XMP "]
    extended = next((chunk.body for chunk in kept if chunk.kind == b"VP8X"), None)
    if extended is None:
        extended = _extended_header(data, kept)
    elif len(extended) < _EXTENDED_BYTES:
        raise Malformed("a broken VP8X header")
    body = b"WEBP" + _chunk(b"VP8X", bytes([extended[0] | _XMP]) + extended[1:])
    body += b"".join(_chunk(chunk.kind, chunk.body) for chunk in kept if chunk.kind != b"VP8X")
    body += _chunk(b"XMP ", packet)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _extended_header(data: bytes, kept: list[Chunk]) -> bytes:
    header = read_header(data)
    has_alpha = any(
        chunk.kind == b"VP8L" and len(chunk.body) > 4 and chunk.body[4] & 0x10 for chunk in kept
    )
    width, height = (
        (header.width - 1).to_bytes(3, "little"),
        (header.height - 1).to_bytes(3, "little"),
    )
    return bytes([_ALPHA if has_alpha else 0, 0, 0, 0]) + width + height


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) & 1)
