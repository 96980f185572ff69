"""Walking over the bytes of a DICOM data set, one element header at a time (PS3.5 section 7)."""

from __future__ import annotations

import struct
from typing import NamedTuple

MOST_ELEMENTS = 200_000
DEEPEST = 32
UNDEFINED = 0xFFFF_FFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFE_E000, 0xFFFE_E00D, 0xFFFE_E0DD

SHORT_TYPES = frozenset(
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
_LONG_TYPES = frozenset(
    ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]
)
KNOWN_TYPES = SHORT_TYPES | _LONG_TYPES


class Damaged(ValueError):
    """The file ends early or does not follow the format. Never holds anything of the file."""


class TooMuch(ValueError):
    """Inflated, or counted, it is more than any film needs."""


class Encoding(NamedTuple):
    is_explicit: bool
    order: str
    """`<` or `>`, as struct wants it."""


IMPLICIT = Encoding(is_explicit=False, order="<")
EXPLICIT = Encoding(is_explicit=True, order="<")
BIG = Encoding(is_explicit=True, order=">")


class Opening(NamedTuple):
    tag: int
    vr: str
    length: int
    start: int
    """Where the value begins."""


class Walk:
    """Positions in one stretch of bytes; counts what it passes."""

    def __init__(self, view: memoryview, encoding: Encoding) -> None:
        self.view, self.encoding = view, encoding
        self.has_fragments = False
        self._passed = 0

    def header(self, at: int, encoding: Encoding | None = None) -> Opening:
        is_explicit, order = encoding or self.encoding
        self._passed += 1
        if self._passed > MOST_ELEMENTS:
            raise TooMuch("too many elements")
        try:
            group, element, length = struct.unpack_from(f"{order}HHL", self.view, at)
            tag = group << 16 | element
            if group == 0xFFFE or not is_explicit:
                return Opening(tag, "", length, at + 8)
            vr = _letters(self.view[at + 4 : at + 6])
            if vr in SHORT_TYPES:
                (length,) = struct.unpack_from(f"{order}H", self.view, at + 6)
                return Opening(tag, vr, length, at + 8)
            # Types that this list does not know have the long form (PS3.5 section 6.2).
            (length,) = struct.unpack_from(f"{order}L", self.view, at + 8)
        except struct.error:
            raise Damaged("cut within an element") from None
        return Opening(tag, vr, length, at + 12)

    def end_of(self, opening: Opening) -> int:
        """Behind a value of known length."""
        end = opening.start + opening.length
        if end > len(self.view):
            raise Damaged("cut within a value")
        return end

    def end_of_sequence(self, at: int, encoding: Encoding, depth: int = 0) -> int:
        """Where the delimiter of a sequence of undefined length begins."""
        if depth > DEEPEST:
            raise TooMuch("nested too deeply")
        while True:
            opening = self.header(at, encoding)
            if opening.tag == SEQUENCE_END:
                return at
            if opening.tag != ITEM:
                raise Damaged("a sequence without items")
            if opening.length != UNDEFINED:
                at = self.end_of(opening)
                continue
            at = self._behind_item(opening.start, encoding, depth)

    def _behind_item(self, at: int, encoding: Encoding, depth: int) -> int:
        while True:
            opening = self.header(at, encoding)
            if opening.tag == ITEM_END:
                return opening.start
            at = self.behind(opening, encoding, depth + 1)

    def behind(self, opening: Opening, encoding: Encoding, depth: int = 0) -> int:
        """Behind any value, nested ones passed over."""
        if opening.length != UNDEFINED:
            return self.end_of(opening)
        # What is unknown and of undefined length is a sequence in implicit form (PS3.5 6.2.2).
        inner = IMPLICIT if opening.vr == "UN" else encoding
        return self.end_of_sequence(opening.start, inner, depth) + 8


def _letters(pair: memoryview) -> str:
    vr = bytes(pair).decode("latin-1")
    if len(vr) != 2 or not (vr.isascii() and vr.isalpha() and vr.isupper()):
        raise Damaged("no type of a value")
    return vr
