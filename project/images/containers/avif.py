"""AVIF: AV1 pictures in boxes. The sides of streams and grids count, too: libavif allocates them."""

from __future__ import annotations

from project.images.containers import av1, isobmff
from project.images.containers.header import Header

NAME = "AVIF"
MAY_HAVE_TAIL = False
_BRANDS = frozenset({b"avif", b"avis"})
_GENERAL = frozenset({b"mif1", b"msf1", b"miaf"})


def matches(data: bytes) -> bool:
    """Whether the brands promise a picture in AV1."""
    major, listed = isobmff.brands(data)
    return major in _BRANDS or (major in _GENERAL and bool(listed & _BRANDS))


def read_header(data: bytes) -> Header:
    """The largest sides that any part announces or any coded stream would allocate."""
    facts = isobmff.read_facts(data)
    kinds = isobmff.item_types(data, facts.meta)
    bodies = [(kinds.get(n), body) for n, body in isobmff.item_bodies(data, facts.meta)]
    coded = av1.sequence_sizes(body for kind, body in bodies if kind == b"av01")
    grids = (isobmff.grid_size(body) for kind, body in bodies if kind == b"grid")
    sizes = (*facts.sizes, *coded, *grids)
    return Header(
        width=max(width for width, _ in sizes),
        height=max(height for _, height in sizes),
        bit_depth=facts.depth,
        is_animated=facts.is_sequence,
        reduces_depth=True,
        may_turn=True,
    )


def find_end(data: bytes) -> int:
    """Offset after the last box."""
    return isobmff.find_end(data)
