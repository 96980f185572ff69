"""The structure of a DICOM file: where each attribute lies, and the few values that are wanted.

pydicom would build every element, follow every sequence into memory, inflate without a limit, and
write odd values into its log. Here the data set is walked over: what is not wanted is skipped by its
length, so that nothing of it is held, decoded or told. Formats: DICOM PS3.5 section 7 and annex A.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from xray.ingest.tags import WANTED, Tag

PREAMBLE, MAGIC = 128, b"DICM"
IMPLICIT_LITTLE, EXPLICIT_LITTLE = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
DEFLATED, EXPLICIT_BIG = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
MOST_ELEMENTS = 200_000
DEEPEST = 32

_HEAD_BYTES = 4096
_UNDEFINED = 0xFFFF_FFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFE_E000, 0xFFFE_E00D, 0xFFFE_E0DD
_SHORT = frozenset(
    [
        "AE",
        "AS",
        "AT",
        "CS",
        "DA",
        "DS",
        "DT",
        "FL",
        "FD",
        "IS",
        "LO",
        "LT",
        "PN",
        "SH",
        "SL",
        "SS",
        "ST",
        "TM",
        "UI",
        "UL",
        "US",
    ]
)
_LONG = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"])
_KNOWN = _SHORT | _LONG


class Damaged(ValueError):
    """The file ends early or does not follow the format. Never holds anything of the file."""


class TooMuch(ValueError):
    """Inflated, or counted, it is more than any film needs."""


class Element(NamedTuple):
    """One attribute: its type as announced (empty when implicit) and its undecoded value."""

    vr: str
    value: memoryview


class _Encoding(NamedTuple):
    is_explicit: bool
    order: str
    """`<` or `>`, as struct wants it."""


_IMPLICIT = _Encoding(is_explicit=False, order="<")
_EXPLICIT = _Encoding(is_explicit=True, order="<")
_BIG = _Encoding(is_explicit=True, order=">")


@dataclass(frozen=True, slots=True)
class DataSet:
    """The wanted attributes of one file, or of one item of a sequence.

    `syntax` is the UID of the transfer syntax; `is_encapsulated` says that the pixels are a
    sequence of fragments.
    """

    elements: dict[int, Element]
    syntax: str
    encoding: _Encoding
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
        encoding = _IMPLICIT if element.vr == "UN" else self.encoding
        walk = _Walk(element.value, encoding)
        opening = walk.header(0)
        if opening.tag != _ITEM:
            raise Damaged("a sequence without items")
        end = len(element.value) if opening.length == _UNDEFINED else walk.end_of(opening)
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
    walk = _Walk(view, encoding)
    elements = dict(_wanted(walk, start, len(view)))
    return DataSet(
        elements,
        syntax or {_IMPLICIT: IMPLICIT_LITTLE, _BIG: EXPLICIT_BIG}.get(encoding, EXPLICIT_LITTLE),
        encoding,
        is_encapsulated=walk.has_fragments,
    )


def looks_like_data_set(data: bytes) -> bool:
    """Whether bytes without the usual preamble begin as a DICOM data set does."""
    head = memoryview(data[:_HEAD_BYTES])
    encoding = _guess(head[:8])
    if encoding is None:
        return False
    walk, position, last = _Walk(head, encoding), 0, 0
    for _ in range(3):
        try:
            opening = walk.header(position)
        except Damaged:
            return False
        if opening.tag <= last or opening.length == _UNDEFINED:
            return False
        position, last = opening.start + opening.length, opening.tag
        if opening.tag >> 16 == 2 and encoding is _EXPLICIT and opening.tag & 0xFFFF == 0:
            return opening.length == 4
    return position <= len(data) or len(data) >= _HEAD_BYTES


def fragments(pixels: memoryview) -> Iterator[memoryview]:
    """The fragments of encapsulated pixels, the table of offsets left out. Raises Damaged."""
    walk, position, is_table = _Walk(pixels, _EXPLICIT), 0, True
    while position < len(pixels):
        opening = walk.header(position)
        if opening.tag != _ITEM or opening.length == _UNDEFINED:
            raise Damaged("a broken fragment")
        position = walk.end_of(opening)
        if not is_table:
            yield pixels[opening.start : position]
        is_table = False


class _Opening(NamedTuple):
    tag: int
    vr: str
    length: int
    start: int
    """Where the value begins."""


class _Walk:
    """Positions in one stretch of bytes; counts what it passes."""

    def __init__(self, view: memoryview, encoding: _Encoding) -> None:
        self.view, self.encoding = view, encoding
        self.has_fragments = False
        self._passed = 0

    def header(self, at: int, encoding: _Encoding | None = None) -> _Opening:
        is_explicit, order = encoding or self.encoding
        self._passed += 1
        if self._passed > MOST_ELEMENTS:
            raise TooMuch("too many elements")
        try:
            group, element, length = struct.unpack_from(f"{order}HHL", self.view, at)
            tag = group << 16 | element
            if group == 0xFFFE or not is_explicit:
                return _Opening(tag, "", length, at + 8)
            vr = _letters(self.view[at + 4 : at + 6])
            if vr in _SHORT:
                (length,) = struct.unpack_from(f"{order}H", self.view, at + 6)
                return _Opening(tag, vr, length, at + 8)
            # Types that this list does not know have the long form (PS3.5 section 6.2).
            (length,) = struct.unpack_from(f"{order}L", self.view, at + 8)
        except struct.error:
            raise Damaged("cut within an element") from None
        return _Opening(tag, vr, length, at + 12)

    def end_of(self, opening: _Opening) -> int:
        """Behind a value of known length."""
        end = opening.start + opening.length
        if end > len(self.view):
            raise Damaged("cut within a value")
        return end

    def end_of_sequence(self, at: int, encoding: _Encoding, depth: int = 0) -> int:
        """Where the delimiter of a sequence of undefined length begins."""
        if depth > DEEPEST:
            raise TooMuch("nested too deeply")
        while True:
            opening = self.header(at, encoding)
            if opening.tag == _SEQUENCE_END:
                return at
            if opening.tag != _ITEM:
                raise Damaged("a sequence without items")
            if opening.length != _UNDEFINED:
                at = self.end_of(opening)
                continue
            at = self._behind_item(opening.start, encoding, depth)

    def _behind_item(self, at: int, encoding: _Encoding, depth: int) -> int:
        while True:
            opening = self.header(at, encoding)
            if opening.tag == _ITEM_END:
                return opening.start
            at = self.behind(opening, encoding, depth + 1)

    def behind(self, opening: _Opening, encoding: _Encoding, depth: int = 0) -> int:
        """Behind any value, nested ones passed over."""
        if opening.length != _UNDEFINED:
            return self.end_of(opening)
        # What is unknown and of undefined length is a sequence in implicit form (PS3.5 6.2.2).
        inner = _IMPLICIT if opening.vr == "UN" else encoding
        return self.end_of_sequence(opening.start, inner, depth) + 8


def _wanted(walk: _Walk, at: int, end: int) -> Iterator[tuple[int, Element]]:
    seen: set[int] = set()
    while at < end:
        opening = walk.header(at)
        if opening.tag == _ITEM_END:
            return
        behind = walk.behind(opening, walk.encoding)
        if opening.tag in WANTED and opening.tag not in seen:
            seen.add(opening.tag)
            is_open = opening.length == _UNDEFINED
            stop = behind - 8 if is_open else behind
            yield opening.tag, Element(opening.vr, walk.view[opening.start : stop])
            if opening.tag == Tag.PIXELS:
                walk.has_fragments = is_open
                return
        at = behind


def _file_meta(view: memoryview, at: int) -> tuple[int, str]:
    """Behind the group of file information, and the transfer syntax that it names, if any."""
    walk, syntax = _Walk(view, _EXPLICIT), ""
    while bytes(view[at : at + 2]) == b"\x02\x00":
        opening = walk.header(at)
        at = walk.behind(opening, _EXPLICIT)
        if opening.tag == Tag.TRANSFER_SYNTAX:
            syntax = bytes(view[opening.start : at]).decode("ascii", "replace").strip(" \0")
    return at, syntax


def _encoding_of(syntax: str, head: memoryview) -> _Encoding:
    if syntax == EXPLICIT_BIG:
        return _BIG
    guessed = _guess(head)
    # Some writers name one form and write the other; the letters of the types decide.
    if guessed in (_EXPLICIT, _IMPLICIT) or (guessed is not None and not syntax):
        return guessed
    if not syntax:
        raise Damaged("no data set")
    return _IMPLICIT if syntax == IMPLICIT_LITTLE else _EXPLICIT


def _guess(head: memoryview) -> _Encoding | None:
    """By the first element: groups begin at 2 or 8, and types are two known letters."""
    if len(head) < 8:
        return None
    has_type = bytes(head[4:6]).decode("latin-1") in _KNOWN
    if bytes(head[:2]) in (b"\x00\x02", b"\x00\x08"):
        return _BIG if has_type else None
    if bytes(head[:2]) in (b"\x02\x00", b"\x08\x00"):
        return _EXPLICIT if has_type else _IMPLICIT
    return None


def _letters(pair: memoryview) -> str:
    vr = bytes(pair).decode("latin-1")
    if len(vr) != 2 or not (vr.isascii() and vr.isalpha() and vr.isupper()):
        raise Damaged("no type of a value")
    return vr


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
