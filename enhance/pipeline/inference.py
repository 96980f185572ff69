"""One window through a network: precision guard and smaller tiles when memory runs out."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import numpy as np
import torch

from enhance.grid import make_grid
from enhance.nets.catalogue import Network
from enhance.pipeline.tiling import Mosaic, Pixels, Tile, in_range, white
from project.inference.context import Model, RunContext
from project.inference.errors import InvalidOutput
from project.inference.oom import FLOOR_TILE, Size
from project.inference.transfer import to_host

SMALLER_TILES, PRECISION_RETRY = "smaller_tiles", "precision_retry"
# A network in half precision may return black instead of NaN; a dark input may be black itself.
BLACK, NOT_DARK = 0.01, 0.05
FLOAT32 = "float32"


@dataclass
class WindowRunner:
    """Runs windows of one network for one picture and remembers what it had to give up.

    Windows of 16 bits always run in float32: bfloat16 tells 128 levels apart above one half.
    """

    context: RunContext
    model: Model
    network: Network
    pad: int
    warnings: set[str] = field(default_factory=set)
    _exact_network: torch.nn.Module | None = None

    def run(self, window: Pixels) -> Tile:
        """H x W x 3 uint8 or uint16 to 4H x 4W x 3 float32 in 0..1.

        Raises InvalidOutput when even float32 fails, OutOfMemory below the smallest tile.
        """
        core = max(FLOOR_TILE, max(window.shape[:2]) - 2 * self.pad)
        wanted = Size(tile=core, dtype=self.model.dtype)
        results: list[Tile] = []
        for attempt in self.context.ladder((self.network.name, self.model.device), wanted):
            with attempt:
                results.append(self._in_tiles(window, attempt.size.tile))
            if attempt.size.tile < core:
                self.warnings.add(SMALLER_TILES)
        return results[0]

    def _in_tiles(self, window: Pixels, tile: int) -> Tile:
        """The window at once, or by tiles of `tile` when it is larger than one."""
        height, width = window.shape[:2]
        if max(height, width) <= tile + 2 * self.pad:
            return self._guarded(window)
        exact = self.network.is_exact(self.pad)
        grid = make_grid(width=width, height=height, tile=tile, pad=self.pad, exact=exact)
        scale = self.network.scale
        canvas = np.empty((height * scale, width * scale, 3), window.dtype)
        mosaic = Mosaic(canvas, grid, scale)
        for row in grid.rows:
            for column in grid.columns:
                part = window[row.start : row.stop, column.start : column.stop]
                mosaic.place(row, column, self._guarded(part))
        return in_range(canvas)

    def _guarded(self, window: Pixels) -> Tile:
        is_deep = window.dtype == np.uint16
        result = self._forward(self._in_float32() if is_deep else self.model.network, window)
        if _is_plausible(window, result):
            return result.clip(0, 1)
        self.warnings.add(PRECISION_RETRY)
        result = self._forward(self._in_float32(), window)
        if not _is_plausible(window, result):
            raise InvalidOutput(f"{self.network.name} returned no picture even in float32")
        return result.clip(0, 1)

    def _forward(self, network: torch.nn.Module, window: Pixels) -> Tile:
        weight = next(network.parameters())
        layout = torch.channels_last if self.model.channels_last else torch.contiguous_format
        with torch.inference_mode():
            # numpy widens 16 bits: not every device of torch knows unsigned ones.
            plain = window.astype(np.float32) if window.dtype == np.uint16 else np.array(window)
            batch = torch.from_numpy(plain).to(weight.device)[None]
            batch = batch.permute(0, 3, 1, 2).to(weight.dtype).contiguous(memory_format=layout)
            batch = batch / white(window)
            output = network(batch, between=self.context.check)[0].float().permute(1, 2, 0)
            result: Tile = to_host(output).numpy()
        return result

    def _in_float32(self) -> torch.nn.Module:
        """A private copy unless it is that already: the model itself is shared with other jobs."""
        if self.model.dtype == FLOAT32:
            network: torch.nn.Module = self.model.network
            return network
        if self._exact_network is None:
            self._exact_network = copy.deepcopy(self.model.network).float()
        return self._exact_network


def _is_plausible(window: Pixels, result: Tile) -> bool:
    """Finite, and not black where the input is not."""
    if not np.isfinite(result).all():
        return False
    return bool(result.max() > BLACK or window.mean() / white(window) < NOT_DARK)
