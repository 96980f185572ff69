"""Joins the enlarged tiles of one grid into a picture."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from enhance.grid import Grid, Span

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
Tile = NDArray[np.float32]
# A canvas of `dtype`: 8 or 16 bits per channel.
Depth = type[np.uint8] | type[np.uint16]


def depth_of(pixels: Pixels) -> Depth:
    """The type of one value."""
    return np.uint16 if pixels.dtype == np.uint16 else np.uint8


def white(pixels: Pixels) -> int:
    """The largest value: 255 or 65,535."""
    return int(np.iinfo(pixels.dtype).max)


def in_range(pixels: Pixels) -> Tile:
    """Values 0..1."""
    return pixels.astype(np.float32) / np.float32(white(pixels))


class Area(NamedTuple):
    """A rectangle of a canvas, in its pixels."""

    left: int
    top: int
    right: int
    bottom: int


class Mosaic:
    """Writes tiles into `canvas` (scale*H x scale*W x 3, uint8 or uint16), row by row, left to right.

    Neighbours are joined by a linear ramp of 2 x feather around their seam. Only the strip that
    the next tile needs is remembered, so the canvas may live on disk.
    """

    def __init__(self, canvas: Pixels, grid: Grid, scale: int) -> None:
        self._canvas = canvas
        self._white = white(canvas)
        self._scale = scale
        self._half = grid.feather * scale
        self._last_row, self._last_column = grid.rows[-1], grid.columns[-1]
        width = 2 * self._half
        steps = ((np.arange(width) + 0.5) / max(1, width)).astype(np.float32)
        self._across, self._down = steps[None, :, None], steps[:, None, None]
        self._strip: Tile | None = None

    def place(self, row: Span, column: Span, tile: Tile) -> Area:
        """Write `tile`, the result for the whole window of `row` and `column`, values 0..1.

        Returns what was written; the ramp to the right belongs to the next tile.
        """
        left, right = self._bounds(column, is_last=column is self._last_column, own_end=True)
        piece = self._cut(tile, column, left, right)
        if column.low > 0 and self._half:
            if self._strip is None:
                raise ValueError("tiles must be placed from left to right")
            piece = self._blend(self._strip, piece, self._across, axis=1)
        if column is not self._last_column and self._half:
            seam = column.high * self._scale
            self._strip = self._cut(tile, column, seam - self._half, seam + self._half)
        top, bottom = self._bounds(row, is_last=row is self._last_row, own_end=False)
        offset = row.start * self._scale
        piece = piece[top - offset : bottom - offset]
        if row.low > 0 and self._half:
            above = in_range(self._canvas[top : top + 2 * self._half, left:right])
            piece = self._blend(above, piece, self._down, axis=0)
        self._canvas[top:bottom, left:right] = np.rint(piece * np.float32(self._white))
        return Area(left, top, right, bottom)

    def _bounds(self, span: Span, *, is_last: bool, own_end: bool) -> tuple[int, int]:
        """Canvas range to write: columns stop before the ramp that the next tile will write,
        rows go through it, because the next row blends with the canvas."""
        low, high = span.low * self._scale, span.high * self._scale
        start = low - self._half if span.low > 0 else low
        if is_last:
            return start, high
        return start, high - self._half if own_end else high + self._half

    def _cut(self, tile: Tile, column: Span, left: int, right: int) -> Tile:
        offset = column.start * self._scale
        return tile[:, left - offset : right - offset]

    def _blend(self, before: Tile, piece: Tile, ramp: Tile, *, axis: int) -> Tile:
        """Ramp from `before` to `piece` over the first 2 x half pixels of `axis`."""
        joined = piece.copy()
        part = joined[:, : 2 * self._half] if axis == 1 else joined[: 2 * self._half]
        part[...] = before + (part - before) * ramp
        return joined
