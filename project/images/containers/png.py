"""PNG: a signature, then chunks of length, type, body and checksum."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from project.images.containers.header import Header, Malformed

NAME = "PNG"
MAY_HAVE_TAIL = False
SIGNATURE = b"\x89PNG\r\n\x1a\n"
# 50 MB in chunks of a kilobyte; encoders write eight and more.
MAX_CHUNKS = 50_000
MAX_XMP_BYTES = 1 << 20
MAX_ICC_BYTES = 1 << 22
_XMP_KEYWORD = b"XML:com.adobe.xmp\x00"


class Chunk(NamedTuple):
    """A chunk and where it lies in the file."""

    kind: bytes
    body: bytes
    start: int
    end: int


def matches(data: bytes) -> bool:
    """Whether the first bytes are PNG's."""
    return data.startswith(SIGNATURE)


def chunks(data: bytes) -> Iterator[Chunk]:
    """Chunks up to and including IEND; raises Malformed when the file ends before it."""
    position = len(SIGNATURE)
    for _ in range(MAX_CHUNKS):
        if position + 12 > len(data):
            break
        (length,) = struct.unpack_from(">I", data, position)
        end = position + 12 + length
        if end > len(data):
            break
        kind = data[position + 4 : position + 8]
        yield Chunk(kind, data[position + 8 : end - 4], position, end)
        if kind == b"IEND":
            return
        position = end
    raise Malformed("the file ends before IEND, or has too many chunks")


def read_header(data: bytes) -> Header:
    """Size, depth and animation from the chunks before the first IDAT."""
    first = data[len(SIGNATURE) : len(SIGNATURE) + 25]
    if len(first) < 25 or first[:8] != b"\x00\x00\x00\x0dIHDR":
        raise Malformed("IHDR is missing")
    width, height, depth = struct.unpack_from(">IIB", first, 8)
    if not width or not height:
        raise Malformed("a side is zero")
    return Header(width=width, height=height, bit_depth=depth, is_animated=_is_animated(data))


def _is_animated(data: bytes) -> bool:
    position = len(SIGNATURE)
    while position + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        if kind == b"acTL" and length >= 4 and position + 12 <= len(data):
            (frames,) = struct.unpack_from(">I", data, position + 8)
            return bool(frames > 1)
        if kind in (b"IDAT", b"IEND"):
            return False
        position += 12 + length
    return False


def colour_type(data: bytes) -> int:
    """IHDR's: 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGBA."""
    return data[len(SIGNATURE) + 17]


def read_icc(data: bytes) -> bytes | None:
    """The embedded profile, or None where there is none or it does not inflate."""
    body = next((c.body for c in chunks(data) if c.kind == b"iCCP"), None)
    if body is None:
        return None
    inflate = zlib.decompressobj()
    try:
        profile = inflate.decompress(body.partition(b"\x00")[2][1:], MAX_ICC_BYTES)
    except zlib.error:
        return None
    return profile if profile and not inflate.unconsumed_tail else None


def find_end(data: bytes) -> int:
    """Offset after IEND."""
    end = len(SIGNATURE)
    for chunk in chunks(data):
        end = chunk.end
    return end


def read_xmp(data: bytes) -> bytes | None:
    """The text of the first XMP chunk."""
    return next((_text(c.body) for c in chunks(data) if _holds_xmp(c)), None)


def with_xmp(data: bytes, packet: bytes) -> bytes:
    """One iTXt chunk right after IHDR, and no other XMP."""
    body = _XMP_KEYWORD + b"\x00\x00\x00\x00" + packet
    parts = [SIGNATURE]
    for chunk in chunks(data):
        if _holds_xmp(chunk):
            continue
        parts.append(data[chunk.start : chunk.end])
        if chunk.kind == b"IHDR":
            checksum = zlib.crc32(body, zlib.crc32(b"iTXt"))
            parts.append(
                struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", checksum)
            )
    return b"".join(parts)


def _holds_xmp(chunk: Chunk) -> bool:
    return chunk.kind == b"iTXt" and chunk.body.startswith(_XMP_KEYWORD)


def _text(body: bytes) -> bytes:
    rest = body[len(_XMP_KEYWORD) :]
    fields = rest[2:].split(b"\x00", 2)
    if len(rest) < 2 or len(fields) != 3:
        raise Malformed("a broken text chunk")
    if rest[0] == 0:
        return fields[2]
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(fields[2], MAX_XMP_BYTES)
    except zlib.error as error:
        raise Malformed("a broken text chunk") from error
    if inflate.unconsumed_tail:
        raise Malformed("an oversized text chunk")
    return text
