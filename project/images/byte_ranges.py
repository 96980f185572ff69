"""One byte range of a file (RFC 9110 section 14); several at once get the whole file."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SINGLE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


class Unsatisfiable(ValueError):
    """The range begins after the end of the file."""


@dataclass(frozen=True, kw_only=True)
class ByteRange:
    """First and last byte, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """Bytes in the range."""
        return self.last - self.first + 1


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The range to send, or None for the whole file. Raises Unsatisfiable."""
    match = _SINGLE.fullmatch((header or "").strip())
    if match is None or (not match[1] and not match[2]):
        return None
    if not match[1]:
        suffix = min(int(match[2]), size)
        if not suffix:
            raise Unsatisfiable
        return ByteRange(first=size - suffix, last=size - 1)
    first = int(match[1])
    last = min(int(match[2]), size - 1) if match[2] else size - 1
    if first >= size:
        raise Unsatisfiable
    return ByteRange(first=first, last=last) if first <= last else None
