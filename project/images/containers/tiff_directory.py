"""TIFF directories (IFDs): parsed into fields, written back as a file. EXIF uses them, too."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from project.images.containers.header import Malformed

MAX_FIELDS = 512
MAX_PAGES = 1000
MAX_VALUES = 1 << 20
# Of all pages: sub-directories may be shared, so a small file can ask for many.
MAX_ALL_FIELDS = 100_000
MAX_FILE_BYTES = 2**32 - 2**20
EXIF_IFD, GPS_IFD, INTEROP_IFD = 34_665, 34_853, 40_965
_SUB_DIRECTORIES = (EXIF_IFD, GPS_IFD, INTEROP_IFD)
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I"}
BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7


@dataclass(frozen=True)
class Field:
    """One entry; `data` holds the values in the byte order of the file they came from.

    It is a view of that file: a thousand entries may point at the same megabytes.
    """

    type: int
    count: int
    data: bytes | memoryview


@dataclass
class Directory:
    """The fields of one IFD by tag, its sub-directories by tag, and where it all ends."""

    fields: dict[int, Field] = field(default_factory=dict)
    children: dict[int, Directory] = field(default_factory=dict)
    next_offset: int = 0
    end: int = 0


def byte_order(data: bytes) -> str:
    """`<` or `>`; raises Malformed for anything but a classic TIFF header."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(bytes(data[:4]))
    if order is None or len(data) < 8:
        raise Malformed("no TIFF header")
    return order


def first_offset(data: bytes, order: str) -> int:
    """Where the first directory lies."""
    (offset,) = struct.unpack_from(order + "I", data, 4)
    return int(offset)


def read_directory(data: bytes, order: str, offset: int, *, depth: int = 0) -> Directory:
    """The directory at `offset`; raises Malformed when it leaves the file."""
    if offset < 8 or offset + 2 > len(data):
        raise Malformed("a directory lies outside the file")
    (count,) = struct.unpack_from(order + "H", data, offset)
    end = offset + 2 + 12 * count + 4
    if not count or count > MAX_FIELDS or end > len(data):
        raise Malformed("a broken directory")
    directory, view = Directory(end=end), memoryview(data)
    (directory.next_offset,) = struct.unpack_from(order + "I", data, end - 4)
    for position in range(offset + 2, end - 4, 12):
        tag, kind, values = struct.unpack_from(order + "HHI", data, position)
        size = _SIZES.get(kind, 0) * values
        if kind not in _SIZES:
            continue  # a reader must skip types it does not know
        start = position + 8
        if size > 4:
            (start,) = struct.unpack_from(order + "I", data, start)
        if start + size > len(data):
            raise Malformed("a value lies outside the file")
        directory.end = max(directory.end, start + size)
        directory.fields[tag] = Field(kind, values, view[start : start + size])
    if depth < 2:
        _read_children(directory, data, order, depth)
    return directory


def _read_children(directory: Directory, data: bytes, order: str, depth: int) -> None:
    for tag in _SUB_DIRECTORIES:
        pointer = first_integer(directory.fields.get(tag), order)
        if pointer is None:
            continue
        child = read_directory(data, order, pointer, depth=depth + 1)
        directory.children[tag] = child
        directory.end = max(directory.end, child.end)


def directories(data: bytes) -> Iterator[Directory]:
    """The chain of directories (pages); raises Malformed when it loops or is too long."""
    order = byte_order(data)
    offset, seen, fields = first_offset(data, order), set[int](), 0
    while offset:
        if offset in seen or len(seen) >= MAX_PAGES:
            raise Malformed("the pages loop or are too many")
        seen.add(offset)
        directory = read_directory(data, order, offset)
        fields += _count_fields(directory)
        if fields > MAX_ALL_FIELDS:
            raise Malformed("too many fields")
        yield directory
        offset = directory.next_offset


def integers(entry: Field | None, order: str) -> tuple[int, ...]:
    """The values of an integer field; empty when it is missing or of another type.

    Raises Malformed beyond MAX_VALUES.
    """
    if entry is None or entry.type not in _INTEGERS:
        return ()
    if entry.count > MAX_VALUES:
        raise Malformed("a field of too many values")
    return struct.unpack(f"{order}{entry.count}{_INTEGERS[entry.type]}", entry.data)


def first_integer(entry: Field | None, order: str) -> int | None:
    """The first value, whatever the field claims to hold beside it; None when it is missing.

    Pages share their values: unpacking a million for each of a thousand pages takes minutes.
    """
    if entry is None or entry.type not in _INTEGERS or not entry.count:
        return None
    (value,) = struct.unpack_from(order + _INTEGERS[entry.type], entry.data)
    return int(value)


def _count_fields(directory: Directory) -> int:
    return len(directory.fields) + sum(map(_count_fields, directory.children.values()))


def make_field(kind: int, *values: int) -> Field:
    """An integer field for a little-endian file."""
    return Field(kind, len(values), struct.pack(f"<{len(values)}{_INTEGERS[kind]}", *values))


def make_bytes(kind: int, data: bytes) -> Field:
    """A BYTE, ASCII or UNDEFINED field."""
    return Field(kind, len(data), data)


def write_directory(directory: Directory, order: str, offset: int) -> bytes:
    """The directory, its values and its sub-directories, as bytes that begin at `offset`."""
    children = {tag: child for tag, child in directory.children.items() if child.fields}
    kept = {t: f for t, f in directory.fields.items() if t not in _SUB_DIRECTORIES}
    entries: Mapping[int, Field | Directory] = {**kept, **children}
    values = bytearray()
    values_at = offset + 2 + 12 * len(entries) + 4
    table = bytearray(struct.pack(order + "H", len(entries)))
    for tag, entry in sorted(entries.items()):
        if isinstance(entry, Directory):
            packed = struct.pack(order + "I", values_at + len(values))
            table += struct.pack(order + "HHI", tag, LONG, 1) + packed
            values += write_directory(entry, order, values_at + len(values))
        elif len(entry.data) <= 4:
            table += struct.pack(order + "HHI", tag, entry.type, entry.count)
            table += bytes(entry.data).ljust(4, b"\x00")
        else:
            packed = struct.pack(order + "I", values_at + len(values))
            table += struct.pack(order + "HHI", tag, entry.type, entry.count) + packed
            values += entry.data
        values += b"\x00" * (len(values) & 1)
    return bytes(table) + struct.pack(order + "I", 0) + bytes(values)
