"""Where the tiles of a picture lie. Pure geometry: plan, pipeline and page agree on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

# Kernels like sides that are multiples of this.
WINDOW_STEP = 8


@dataclass(frozen=True)
class Span:
    """One tile along one axis, in input pixels.

    The network sees `start:stop`; `low:high` is the part of the result that this tile owns.
    All spans of an axis see the same number of pixels, so kernels are chosen once.
    """

    start: int
    stop: int
    low: int
    high: int


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The tiles of one picture: every row span with every column span.

    `feather` is the half width, in input pixels, of the ramp that joins two neighbours; with 0
    they are cut at the seam, which is exact when `pad` covers the receptive radius.
    """

    rows: tuple[Span, ...]
    columns: tuple[Span, ...]
    feather: int

    @property
    def tiles(self) -> int:
        """How many tiles there are."""
        return len(self.rows) * len(self.columns)

    @property
    def window(self) -> tuple[int, int]:
        """Height and width of what the network sees at once."""
        return self.rows[0].stop - self.rows[0].start, self.columns[0].stop - self.columns[0].start

    def boxes(self) -> Iterator[tuple[int, int, int, int]]:
        """`x, y, width, height` of the owned part of each tile, in the order of the run."""
        for row in self.rows:
            for column in self.columns:
                yield column.low, row.low, column.high - column.low, row.high - row.low


def make_grid(*, width: int, height: int, tile: int, pad: int, exact: bool) -> Grid:
    """Cover `width` x `height` with as few windows of at most `tile` + 2 x `pad` as will do.

    They are no larger than that many need, so that little is computed twice.
    """
    feather = 0 if exact else min(pad, tile // 4)
    return Grid(rows=_spans(height, tile, pad), columns=_spans(width, tile, pad), feather=feather)


def _spans(length: int, tile: int, pad: int) -> tuple[Span, ...]:
    largest = min(length, tile + 2 * pad)
    count = -(-(length - largest) // tile) + 1
    needed = -(-(length + (count - 1) * 2 * pad) // count)
    window = min(largest, -(-needed // WINDOW_STEP) * WINDOW_STEP)
    starts = [index * (length - window) // max(1, count - 1) for index in range(count)]
    seams = [(after + before + window) // 2 for before, after in pairwise(starts)]
    edges = [0, *seams, length]
    return tuple(
        Span(start, start + window, low, high)
        for start, low, high in zip(starts, edges, edges[1:], strict=False)
    )
