"""The structure of a DICOM file: where each attribute lies, and the few values that are wanted.

pydicom would build every element, follow every sequence into memory, inflate without a limit, and
write odd values into its log. Here the data set is walked over: what is not wanted is skipped by its
length, so that nothing of it is held, decoded or told. Formats: DICOM PS3.5 section 7 and annex A.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from xray.ingest.tags import WANTED, Tag
from xray.ingest.walk import (
    BIG,
    EXPLICIT,
    IMPLICIT,
    ITEM,
    ITEM_END,
    KNOWN_TYPES,
    UNDEFINED,
    Damaged,
    Encoding,
    TooMuch,
    Walk,
)

PREAMBLE, MAGIC = 128, b"DICM"
IMPLICIT_LITTLE, EXPLICIT_LITTLE = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
DEFLATED, EXPLICIT_BIG = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
_HEAD_BYTES = 4096


class Element(NamedTuple):
    """One attribute: its type as announced (empty when implicit) and its undecoded value."""

    vr: str
    value: memoryview


@dataclass(frozen=True, slots=True)
class DataSet:
    """The wanted attributes of one file, or of one item of a sequence.

    `syntax` is the UID of the transfer syntax; `is_encapsulated` says that the pixels are a
    sequence of fragments.
    """

    elements: dict[int, Element]
    syntax: str
    encoding: Encoding
    is_encapsulated: bool = False

    @property
    def order(self) -> str:
        """The byte order of binary values, `<` or `>`."""
        return self.encoding.order

    def first_item(self, tag: Tag) -> DataSet | None:
        """The first item of a wanted sequence; None when it is absent or empty. Raises Damaged."""
        element = self.elements.get(tag)
        if element is None or len(element.value) < 8:
            return None
        encoding = IMPLICIT if element.vr == "UN" else self.encoding
        walk = Walk(element.value, encoding)
        opening = walk.header(0)
        if opening.tag != ITEM:
            raise Damaged("a sequence without items")
        end = len(element.value) if opening.length == UNDEFINED else walk.end_of(opening)
        return DataSet(dict(_wanted(walk, opening.start, end)), self.syntax, encoding)


def read_data_set(data: bytes, *, most_inflated: int) -> DataSet:
    """Everything wanted, up to and with the pixels; what follows them is not looked at.

    Raises Damaged, or TooMuch when the inflated data set exceeds `most_inflated` bytes or more
    elements than `MOST_ELEMENTS` would have to be passed.
    """
    view = memoryview(data)
    start = PREAMBLE + 4 if data[PREAMBLE : PREAMBLE + 4] == MAGIC else 0
    start, syntax = _file_meta(view, start)
    if syntax == DEFLATED:
        view, start = memoryview(_inflated(view[start:], most_inflated)), 0
    encoding = _encoding_of(syntax, view[start : start + 8])
    walk = Walk(view, encoding)
    elements = dict(_wanted(walk, start, len(view)))
    return DataSet(
        elements,
        syntax or {IMPLICIT: IMPLICIT_LITTLE, BIG: EXPLICIT_BIG}.get(encoding, EXPLICIT_LITTLE),
        encoding,
        is_encapsulated=walk.has_fragments,
    )


def looks_like_data_set(data: bytes) -> bool:
    """Whether bytes without the usual preamble begin as a DICOM data set does."""
    head = memoryview(data[:_HEAD_BYTES])
    encoding = _guess(head[:8])
    if encoding is None:
        return False
    walk, position, last = Walk(head, encoding), 0, 0
    for _ in range(3):
        try:
            opening = walk.header(position)
        except Damaged:
            return False
        if opening.tag <= last or opening.length == UNDEFINED:
            return False
        position, last = opening.start + opening.length, opening.tag
        if opening.tag >> 16 == 2 and encoding is EXPLICIT and opening.tag & 0xFFFF == 0:
            return opening.length == 4
    return position <= len(data) or len(data) >= _HEAD_BYTES


def fragments(pixels: memoryview) -> Iterator[memoryview]:
    """The fragments of encapsulated pixels, the table of offsets left out. Raises Damaged."""
    walk, position, is_table = Walk(pixels, EXPLICIT), 0, True
    while position < len(pixels):
        opening = walk.header(position)
        if opening.tag != ITEM or opening.length == UNDEFINED:
            raise Damaged("a broken fragment")
        position = walk.end_of(opening)
        if not is_table:
            yield pixels[opening.start : position]
        is_table = False


def _wanted(walk: Walk, at: int, end: int) -> Iterator[tuple[int, Element]]:
    seen: set[int] = set()
    while at < end:
        opening = walk.header(at)
        if opening.tag == ITEM_END:
            return
        behind = walk.behind(opening, walk.encoding)
        if opening.tag in WANTED and opening.tag not in seen:
            seen.add(opening.tag)
            is_open = opening.length == UNDEFINED
            stop = behind - 8 if is_open else behind
            yield opening.tag, Element(opening.vr, walk.view[opening.start : stop])
            if opening.tag == Tag.PIXELS:
                walk.has_fragments = is_open
                return
        at = behind


def _file_meta(view: memoryview, at: int) -> tuple[int, str]:
    """Behind the group of file information, and the transfer syntax that it names, if any."""
    walk, syntax = Walk(view, EXPLICIT), ""
    while bytes(view[at : at + 2]) == b"\x02\x00":
        opening = walk.header(at)
        at = walk.behind(opening, EXPLICIT)
        if opening.tag == Tag.TRANSFER_SYNTAX:
            syntax = bytes(view[opening.start : at]).decode("ascii", "replace").strip(" \0")
    return at, syntax


def _encoding_of(syntax: str, head: memoryview) -> Encoding:
    if syntax == EXPLICIT_BIG:
        return BIG
    guessed = _guess(head)
    # Some writers name one form and write the other; the letters of the types decide.
    if guessed in (EXPLICIT, IMPLICIT) or (guessed is not None and not syntax):
        return guessed
    if not syntax:
        raise Damaged("no data set")
    return IMPLICIT if syntax == IMPLICIT_LITTLE else EXPLICIT


def _guess(head: memoryview) -> Encoding | None:
    """By the first element: groups begin at 2 or 8, and types are two known letters."""
    if len(head) < 8:
        return None
    has_type = bytes(head[4:6]).decode("latin-1") in KNOWN_TYPES
    if bytes(head[:2]) in (b"\x00\x02", b"\x00\x08"):
        return BIG if has_type else None
    if bytes(head[:2]) in (b"\x02\x00", b"\x08\x00"):
        return EXPLICIT if has_type else IMPLICIT
    return None


def _inflated(packed: memoryview, most: int) -> bytes:
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = unpack.decompress(packed, most + 1)
    except zlib.error:
        raise Damaged("broken compression") from None
    if len(plain) > most:
        raise TooMuch("inflates to too much")
    if not unpack.eof:
        raise Damaged("cut within the compression")
    return plain
