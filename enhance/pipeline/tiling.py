"""Joins the enlarged tiles of one grid into a picture."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from enhance.grid import Grid, Span

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
# H x W x 3, float32, 0..1, on the device that made it.
Tile = torch.Tensor
# A canvas of `dtype`: 8 or 16 bits per channel.
Depth = type[np.uint8] | type[np.uint16]


def depth_of(pixels: Pixels) -> Depth:
    """The type of one value."""
    return np.uint16 if pixels.dtype == np.uint16 else np.uint8


def white(pixels: Pixels) -> int:
    """The largest value: 255 or 65,535."""
    return int(np.iinfo(pixels.dtype).max)


def in_range(pixels: Pixels, device: torch.device | str = "cpu") -> Tile:
    """Values 0..1 on `device`."""
    # numpy widens 16 bits: not every device of torch knows unsigned ones.
    plain = pixels.astype(np.float32) if pixels.dtype == np.uint16 else np.array(pixels)
    return torch.from_numpy(plain).to(device).float() / white(pixels)


class Area(NamedTuple):
    """A rectangle of a canvas, in its pixels."""

    left: int
    top: int
    right: int
    bottom: int


class Piece(NamedTuple):
    """Finished values of one area, in levels of the canvas, still on the device."""

    area: Area
    levels: torch.Tensor


class Mosaic:
    """Joins tiles into `canvas` (sH x sW x 3, uint8 or uint16), row by row, left to right.

    Neighbours are joined by a linear ramp of 2 x feather around their seam. Only the strip that
    the next tile needs is remembered, so the canvas may live on disk. The arithmetic runs where
    the tiles are: a GPU hands over bytes instead of floats.
    """

    def __init__(self, canvas: Pixels, grid: Grid, scale: int) -> None:
        self._canvas = canvas
        self._white = white(canvas)
        self._scale = scale
        self._half = grid.feather * scale
        self._last_row, self._last_column = grid.rows[-1], grid.columns[-1]
        self._ramps: dict[torch.device, Tile] = {}
        self.strip: Tile | None = None

    def place(self, row: Span, column: Span, tile: Tile) -> Area:
        """`join` and `write` at once."""
        piece = self.join(row, column, tile)
        self.write(piece.area, piece.levels)
        return piece.area

    def join(self, row: Span, column: Span, tile: Tile) -> Piece:
        """What `tile`, the result for the whole window of `row` and `column`, adds to the canvas.

        The ramp to the right belongs to the next tile; the row above must be written already.
        """
        left, right = self._bounds(column, is_last=column is self._last_column, own_end=True)
        piece = self._cut(tile, column, left, right)
        ramp = self._ramp(tile.device)
        if column.low > 0 and self._half:
            if self.strip is None:
                raise ValueError("tiles must be placed from left to right")
            piece = self._blend(self.strip, piece, ramp[None, :, None], axis=1)
        if column is not self._last_column and self._half:
            seam = column.high * self._scale
            self.strip = self._cut(tile, column, seam - self._half, seam + self._half)
        top, bottom = self._bounds(row, is_last=row is self._last_row, own_end=False)
        offset = row.start * self._scale
        piece = piece[top - offset : bottom - offset]
        if row.low > 0 and self._half:
            above = self._canvas[top : top + 2 * self._half, left:right]
            piece = self._blend(in_range(above, tile.device), piece, ramp[:, None, None], axis=0)
        kind = torch.uint8 if self._canvas.dtype == np.uint8 else torch.int32
        levels = (piece * self._white).round().to(kind)
        return Piece(Area(left, top, right, bottom), levels)

    def write(self, area: Area, levels: torch.Tensor) -> None:
        """Put the values of a piece, in host memory, into the canvas."""
        target = self._canvas[area.top : area.bottom, area.left : area.right]
        np.copyto(target, levels.numpy(), casting="unsafe")

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

    def _ramp(self, device: torch.device) -> Tile:
        if device not in self._ramps:
            width = 2 * self._half
            steps = (torch.arange(width, dtype=torch.float64) + 0.5) / max(1, width)
            self._ramps[device] = steps.float().to(device)
        return self._ramps[device]

    def _blend(self, before: Tile, piece: Tile, ramp: Tile, *, axis: int) -> Tile:
        """Ramp from `before` to `piece` over the first 2 x half pixels of `axis`."""
        joined = piece.clone()
        part = joined[:, : 2 * self._half] if axis == 1 else joined[: 2 * self._half]
        part.copy_(before + (part - before) * ramp)
        return joined
