"""Single values of a data set, decoded. What does not parse is None: no text gets into an error."""

from __future__ import annotations

import struct

from xray.ingest.dataset import DataSet
from xray.ingest.tags import Tag

_LONGEST_TEXT = 1024
_BINARY = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "FL": "f", "FD": "d"}
_NUMBERS = 64
_LARGEST = 1e9


def text(data: DataSet, tag: Tag) -> str:
    """The characters of a value without padding; empty when absent.

    UTF-8 where the bytes are such, else Latin-1: what is kept are codes in ASCII, and for a keyed
    hash any fixed reading will do.
    """
    element = data.elements.get(tag)
    if element is None:
        return ""
    raw = bytes(element.value[:_LONGEST_TEXT])
    try:
        found = raw.decode("utf-8")
    except UnicodeDecodeError:
        found = raw.decode("latin-1")
    return found.strip(" \0\t\r\n")


def words(data: DataSet, tag: Tag) -> list[str]:
    """The parts of a value of several."""
    found = text(data, tag)
    return [word.strip() for word in found.split("\\")] if found else []


def numbers(data: DataSet, tag: Tag) -> list[float]:
    """Decimal numbers; empty when one of them is none, or beyond what any film is measured in."""
    element = data.elements.get(tag)
    try:
        if element is not None and element.vr in ("FL", "FD"):
            found = _binary(data, tag, element.vr)
        else:
            found = [float(word) for word in words(data, tag)]
    except ValueError:
        return []
    # Not a number is not smaller either.
    return found if all(abs(number) < _LARGEST for number in found) else []


def whole(data: DataSet, tag: Tag, *, is_signed: bool = False) -> int | None:
    """A binary whole number of 16 bits (or as its type says); None when absent or empty."""
    found = wholes(data, tag, is_signed=is_signed)
    return found[0] if found else None


def wholes(data: DataSet, tag: Tag, *, is_signed: bool = False) -> list[int]:
    """Several of them."""
    element = data.elements.get(tag)
    if element is None:
        return []
    vr = element.vr if element.vr in ("US", "SS", "UL", "SL") else ("SS" if is_signed else "US")
    return [int(value) for value in _binary(data, tag, vr)]


def _binary(data: DataSet, tag: Tag, vr: str) -> list[float]:
    code = _BINARY[vr]
    raw = data.elements[tag].value
    count = min(len(raw) // struct.calcsize(f"={code}"), _NUMBERS)
    return list(struct.unpack_from(f"{data.order}{count}{code}", raw))
