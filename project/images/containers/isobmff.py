"""The boxes of HEIC and AVIF (ISO 14496-12, 23008-12): sides and depth of what they hold."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from project.images.containers.header import Malformed, Reason, Unsupported

_SEQUENCE_BRANDS = frozenset({b"hevc", b"hevx", b"avis", b"msf1"})
MAX_BOXES = 20_000
MAX_ITEMS = 10_000
# Of all items: an extent may take no byte of the table and none of the file.
MAX_EXTENTS = 20_000


class Box(NamedTuple):
    """A box, and where its body begins and ends in the file."""

    kind: bytes
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the meta box says; `sizes` of every picture and part, `depth` the largest."""

    sizes: tuple[tuple[int, int], ...]
    depth: int
    is_sequence: bool
    meta: Box


def brands(data: bytes) -> tuple[bytes, frozenset[bytes]]:
    """Major and all brands of the ftyp box; empty ones where there is none."""
    if data[4:8] != b"ftyp":
        return b"", frozenset()
    (size,) = struct.unpack_from(">I", data, 0)
    listed = data[8:12] + data[16 : min(size, 512)]
    return data[8:12], frozenset(listed[i : i + 4] for i in range(0, len(listed) - 3, 4))


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets; raises Malformed when one leaves them."""
    position = start
    for _ in range(MAX_BOXES):
        if position == end:
            return
        if position + 8 > end:
            raise Malformed("a box is cut short")
        size, kind = struct.unpack_from(">I4s", data, position)
        body = position + 8
        if size == 1 and body + 8 <= end:
            (size,) = struct.unpack_from(">Q", data, body)
            body += 8
        stop = end if size == 0 else position + size
        if stop > end or stop < body:
            raise Malformed("a box is cut short")
        yield Box(kind, body, stop)
        position = stop
    raise Malformed("too many boxes")


def find_end(data: bytes) -> int:
    """Offset after the last box; what follows must be zeros or it is no box."""
    end = len(data)
    while end and not data[end - 1]:
        end -= 1
    for stop in (len(data), end):
        try:
            for _ in boxes(data, 0, stop):
                pass
        except Malformed:
            continue
        return stop
    raise Malformed("a box is cut short")


def read_facts(data: bytes) -> Facts:
    """Sides and depth; raises Unsupported for a film without a still picture."""
    major, _ = brands(data)
    top = list(boxes(data, 0, find_end(data)))
    meta = next((box for box in top if box.kind == b"meta"), None)
    if meta is None:
        raise Unsupported(Reason.LAYOUT)
    sizes, depth = [], 8
    for box in _properties(data, meta):
        if box.kind == b"ispe" and box.end - box.start >= 12:
            sizes.append(struct.unpack_from(">II", data, box.start + 4))
        elif box.kind == b"hvcC" and box.end - box.start > 18:
            depth = max(depth, 8 + (data[box.start + 17] & 7))
        elif box.kind == b"av1C" and box.end - box.start >= 4:
            flags = data[box.start + 2]
            depth = max(depth, 8 + 2 * (flags >> 6 & 1) + 2 * (flags >> 5 & 1))
    if not sizes or not all(width and height for width, height in sizes):
        raise Malformed("a picture without sides")
    return Facts(
        sizes=tuple(sizes),
        depth=depth,
        is_sequence=major in _SEQUENCE_BRANDS or any(box.kind == b"moov" for box in top),
        meta=meta,
    )


def children(data: bytes, meta: Box) -> dict[bytes, Box]:
    """The boxes of the meta box, by kind; the first of each."""
    found: dict[bytes, Box] = {}
    for box in boxes(data, meta.start + 4, meta.end):
        found.setdefault(box.kind, box)
    return found


def _properties(data: bytes, meta: Box) -> Iterator[Box]:
    properties = children(data, meta).get(b"iprp")
    if properties is None:
        raise Malformed("no properties")
    for box in boxes(data, properties.start, properties.end):
        if box.kind == b"ipco":
            yield from boxes(data, box.start, box.end)


def item_types(data: bytes, meta: Box) -> dict[int, bytes]:
    """The type of each item, for example `av01`, by its number."""
    box = children(data, meta).get(b"iinf")
    if box is None:
        return {}
    start = box.start + (6 if data[box.start] == 0 else 8)
    found = {}
    for entry in boxes(data, start, box.end):
        version = data[entry.start]
        if entry.kind == b"infe" and version in (2, 3):
            layout = ">HH4s" if version == 2 else ">IH4s"
            number, _, kind = struct.unpack_from(layout, data, entry.start + 4)
            found[number] = kind
    return found


def item_bodies(data: bytes, meta: Box) -> Iterator[tuple[int, bytes]]:
    """Number and content of each item; raises Malformed when one lies outside the file."""
    inner = children(data, meta)
    locations = inner.get(b"iloc")
    if locations is None:
        return
    inside = inner.get(b"idat")
    reader = _Reader(data, locations.start, locations.end)
    version = reader.take(4) >> 24
    widths = reader.take(2)
    offset_bytes, length_bytes = widths >> 12 & 15, widths >> 8 & 15
    base_bytes, index_bytes = widths >> 4 & 15, widths & 15 if version else 0
    count = reader.take(2 if version < 2 else 4)
    if count > MAX_ITEMS:
        raise Malformed("too many items")
    budget, extents = len(data), 0
    for _ in range(count):
        number = reader.take(2 if version < 2 else 4)
        method = reader.take(2) & 15 if version else 0
        reader.take(2)  # data reference
        base, parts = reader.take(base_bytes), []
        part_count = reader.take(2)
        extents += part_count
        if extents > MAX_EXTENTS:
            raise Malformed("too many extents")
        for _ in range(part_count):
            reader.take(index_bytes)
            start, length = base + reader.take(offset_bytes), reader.take(length_bytes)
            start += inside.start if method == 1 and inside else 0
            length = length or len(data) - start
            budget -= length
            if start + length > len(data) or budget < 0:
                raise Malformed("an item lies outside the file, or items share their content")
            parts.append(data[start : start + length])
        yield number, b"".join(parts)


def grid_size(body: bytes) -> tuple[int, int]:
    """Width and height of a picture put together from tiles (ISO 23008-12 section 6.6.2.3)."""
    width, height = struct.unpack_from(">II" if body[1] & 1 else ">HH", body, 4)
    return width, height


class _Reader:
    """Big-endian integers, one after the other."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self._data, self._position, self._end = data, start, end

    def take(self, width: int) -> int:
        """The next `width` bytes as a number; raises Malformed at the end."""
        stop = self._position + width
        if stop > self._end:
            raise Malformed("a table is cut short")
        value = int.from_bytes(self._data[self._position : stop], "big")
        self._position = stop
        return value


def as_still(data: bytes) -> bytes:
    """The same file under the brand of a still picture: decoders take its primary picture."""
    return data[:8] + b"avif" + data[12:]
