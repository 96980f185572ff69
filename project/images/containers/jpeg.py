"""JPEG: marker segments, then entropy-coded scans between them."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from project.images.containers.header import Header, Malformed

NAME = "JPEG"
# Cameras append previews, films and depth maps.
MAY_HAVE_TAIL = True
MAX_SEGMENT_BYTES = 65_533
# A profile takes up to 255, a progressive picture some hundreds.
MAX_SEGMENTS = 50_000
_XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\x00"
_SOI, _EOI, _SOS, _APP0, _APP1 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
# In a scan, FF00 is a stuffed byte, FFD0..FFD7 restart it and FFFF is padding.
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


class Segment(NamedTuple):
    """A marker segment and where it lies in the file."""

    marker: int
    body: bytes
    start: int
    end: int


def matches(data: bytes) -> bool:
    """Whether the first bytes are JPEG's."""
    return data.startswith(b"\xff\xd8\xff")


def segments(data: bytes) -> Iterator[Segment]:
    """Segments from after SOI up to and including EOI; raises Malformed when cut short."""
    position, count = 2, 0
    while position + 2 <= len(data):
        if data[position] != 0xFF:
            raise Malformed("a marker is missing")
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker == _EOI:
            yield Segment(marker, b"", position, position + 2)
            return
        count += 1
        if count > MAX_SEGMENTS:
            raise Malformed("too many segments")
        end = position + 2 if marker in _STANDALONE else _segment_end(data, position)
        yield Segment(marker, data[position + 4 : end], position, end)
        if marker == _SOS:
            found = _MARKER_IN_SCAN.search(data, end)
            if found is None:
                break
            end = found.start()
        position = end
    raise Malformed("the file ends before EOI")


def _segment_end(data: bytes, position: int) -> int:
    if position + 4 > len(data):
        raise Malformed("a segment is cut short")
    (length,) = struct.unpack_from(">H", data, position + 2)
    end: int = position + 2 + length
    if length < 2 or end > len(data):
        raise Malformed("a segment is cut short")
    return end


def read_header(data: bytes) -> Header:
    """Size, precision and component count from the frame header, before the first scan."""
    for segment in segments(data):
        if segment.marker in _FRAME_MARKERS:
            if len(segment.body) < 6:
                break
            precision, height, width, components = struct.unpack_from(">BHHB", segment.body)
            if not width or not height:
                raise Malformed("a side is zero")
            return Header(width=width, height=height, bit_depth=precision, is_cmyk=components == 4)
        if segment.marker == _SOS:
            break
    raise Malformed("no frame header")


def find_end(data: bytes) -> int:
    """Offset after the EOI of the first picture."""
    end = 0
    for segment in segments(data):
        end = segment.end
    return end


def read_xmp(data: bytes) -> bytes | None:
    """The main XMP packet."""
    return next(
        (s.body[len(_XMP_PREFIX) :] for s in segments(data) if _holds_xmp(s)),
        None,
    )


def with_xmp(data: bytes, packet: bytes) -> bytes:
    """One APP1 segment after the JFIF and EXIF segments, and no other XMP."""
    body = _XMP_PREFIX + packet
    if len(body) > MAX_SEGMENT_BYTES:
        raise Malformed("the XMP packet does not fit one segment")
    marked = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    parts, written, position = [data[:2]], False, 2
    for segment in segments(data):
        leads = segment.marker == _APP0 or (
            segment.marker == _APP1 and segment.body.startswith(b"Exif\x00")
        )
        if not written and not leads:
            parts.append(marked)
            written = True
        parts.append(data[position : segment.start])
        if not _holds_xmp(segment):
            parts.append(data[segment.start : segment.end])
        position = segment.end
    parts.append(data[position:])
    return b"".join(parts)


def _holds_xmp(segment: Segment) -> bool:
    return segment.marker == _APP1 and segment.body.startswith(_XMP_PREFIX)
