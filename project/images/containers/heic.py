"""HEIC: HEVC pictures in boxes. libheif itself refuses pictures larger than they announce."""

from __future__ import annotations

from project.images.containers import isobmff
from project.images.containers.header import Header

NAME = "HEIC"
MAY_HAVE_TAIL = False
_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_GENERAL = frozenset({b"mif1", b"msf1"})


def matches(data: bytes) -> bool:
    """Whether the brands promise a picture in HEVC."""
    major, listed = isobmff.brands(data)
    return major in _BRANDS or (major in _GENERAL and bool(listed & _BRANDS))


def read_header(data: bytes) -> Header:
    """The largest sides that any part announces."""
    facts = isobmff.read_facts(data)
    return Header(
        width=max(width for width, _ in facts.sizes),
        height=max(height for _, height in facts.sizes),
        bit_depth=facts.depth,
        is_animated=facts.is_sequence,
        reduces_depth=True,
        may_turn=True,
    )


def find_end(data: bytes) -> int:
    """Offset after the last box."""
    return isobmff.find_end(data)
