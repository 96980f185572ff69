"""Keeps a GPU busy: the next tiles are at work while the host writes those before.

On a processor nothing runs beside anything, so each tile is finished before the next begins.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from enhance.grid import Span
from enhance.pipeline.inference import WindowRunner
from enhance.pipeline.tiling import Area, Mosaic, Piece, Pixels, Tile
from project.inference.transfer import start_copy, to_host

AHEAD = 1


class TileWork(NamedTuple):
    """One tile of a pass."""

    row: Span
    column: Span

    @property
    def box(self) -> tuple[int, int, int, int]:
        """`x, y, width, height` of the owned part in pixels of the pass."""
        row, column = self.row, self.column
        return column.low, row.low, column.high - column.low, row.high - row.low


@dataclass(frozen=True)
class _Started:
    """A batch that was given to the device: how the mosaic stood before it, and what to await."""

    tiles: Sequence[TileWork]
    strip: Tile | None
    plausible: Callable[[], torch.Tensor]
    pieces: Sequence[tuple[Area, Callable[[], torch.Tensor]]]


class TileQueue:
    """Takes batches of tiles in the order of the grid; `finished` is called for each tile once
    it is in the canvas, and may raise to stop the run."""

    def __init__(
        self,
        *,
        runner: WindowRunner,
        mosaic: Mosaic,
        pixels: Pixels,
        finished: Callable[[TileWork, Area], None],
    ) -> None:
        self._runner = runner
        self._mosaic = mosaic
        self._pixels = pixels
        self._finished = finished
        self._ahead = 0 if runner.model.device == "cpu" else AHEAD
        self._started: deque[_Started] = deque()

    def add(self, tiles: Sequence[TileWork]) -> None:
        """Run the network on `tiles`, all of one row. Raises what WindowRunner raises."""
        if not self._ahead:
            for tile in tiles:
                self._one_by_one(tile)
            return
        first, last = tiles[0].column.low, tiles[-1].column.high
        if any(first < work.column.high and work.column.low < last for work in self._unwritten()):
            self._settle(keep=0)  # the row above, from which this one is blended
        self._started.append(self._start(tiles))
        self._settle(keep=self._ahead)

    def finish(self) -> None:
        """Wait for what is still at work."""
        self._settle(keep=0)

    def _unwritten(self) -> list[TileWork]:
        return [work for batch in self._started for work in batch.tiles]

    def _start(self, tiles: Sequence[TileWork]) -> _Started:
        strip = self._mosaic.strip
        windows = [self._window(tile) for tile in tiles]
        results = self._runner.start(windows)
        flags = torch.stack(
            [
                self._runner.is_plausible(window, result)
                for window, result in zip(windows, results, strict=True)
            ]
        )
        pieces: list[Piece] = [
            self._mosaic.join(tile.row, tile.column, result.clamp(0, 1))
            for tile, result in zip(tiles, results, strict=True)
        ]
        return _Started(
            tiles=tiles,
            strip=strip,
            plausible=start_copy(flags),
            pieces=[(piece.area, start_copy(piece.levels)) for piece in pieces],
        )

    def _settle(self, *, keep: int) -> None:
        while len(self._started) > keep:
            batch = self._started.popleft()
            if bool(batch.plausible().all()):
                for tile, (area, levels) in zip(batch.tiles, batch.pieces, strict=True):
                    self._mosaic.write(area, levels())
                    self._finished(tile, area)
                continue
            # What was started since has been blended with it: all of it again, with care.
            again = [batch, *self._started]
            self._started.clear()
            self._mosaic.strip = batch.strip
            for tile in (tile for other in again for tile in other.tiles):
                self._one_by_one(tile)

    def _one_by_one(self, tile: TileWork) -> None:
        result = self._runner.run(self._window(tile))
        piece = self._mosaic.join(tile.row, tile.column, result)
        self._mosaic.write(piece.area, to_host(piece.levels))
        self._finished(tile, piece.area)

    def _window(self, tile: TileWork) -> Pixels:
        row, column = tile
        window: Pixels = self._pixels[row.start : row.stop, column.start : column.stop]
        return window
