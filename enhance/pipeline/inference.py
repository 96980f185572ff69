"""Windows through a network: precision guard and smaller tiles when memory runs out."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from enhance.grid import make_grid
from enhance.nets.network import Network
from enhance.pipeline.tiling import Mosaic, Pixels, Tile, in_range, white
from enhance.pipeline.views import back_from, view_of
from project.inference.context import Model, RunContext
from project.inference.errors import InvalidOutput
from project.inference.oom import FLOOR_TILE, Size

SMALLER_TILES, PRECISION_RETRY = "smaller_tiles", "precision_retry"
# A network in half precision may return black instead of NaN; a dark input may be black itself.
BLACK, NOT_DARK = 0.01, 0.05
FLOAT32 = "float32"


@dataclass
class WindowRunner:
    """Runs windows of one network for one picture and remembers what it had to give up.

    Each window goes through the network in `views` views (1 or 8), whose mean is the result;
    `between_views` is called after each but the last and may raise to stop. Windows of 16 bits
    always run in float32: bfloat16 tells 128 levels apart above one half.
    """

    context: RunContext
    model: Model
    network: Network
    pad: int
    views: int = 1
    between_views: Callable[[], None] = lambda: None
    warnings: set[str] = field(default_factory=set)
    _exact_network: torch.nn.Module | None = None

    def start(self, windows: Sequence[Pixels]) -> torch.Tensor:
        """N windows of one size (H x W x 3, uint8 or uint16) as N x sH x sW x 3, unchecked.

        On a GPU the work may still go on. Raises OutOfMemory below the smallest tile.
        """
        core = max(FLOOR_TILE, max(windows[0].shape[:2]) - 2 * self.pad)
        wanted = Size(tile=core, batch=len(windows), dtype=self.model.dtype)
        results: list[torch.Tensor] = []
        for attempt in self.context.ladder((self.network.name, self.model.device), wanted):
            with attempt:
                results.append(self._sized(windows, attempt.size))
            if attempt.size.tile < core:
                self.warnings.add(SMALLER_TILES)
        return results[0]

    def run(self, window: Pixels) -> Tile:
        """One window as a checked tile, sH x sW x 3 float32 in 0..1 on the device.

        Raises InvalidOutput when even float32 fails, OutOfMemory below the smallest tile.
        """
        return self._checked(window, self.start([window])[0])

    def is_plausible(self, window: Pixels, result: torch.Tensor) -> torch.Tensor:
        """Finite, and not black where the input is not: a truth value on the device."""
        low, high = torch.aminmax(result)
        is_finite = torch.isfinite(low) & torch.isfinite(high)
        if window.mean() / white(window) < NOT_DARK:
            return is_finite
        return is_finite & (high > BLACK)

    def _checked(self, window: Pixels, result: torch.Tensor) -> Tile:
        """`result` in 0..1; computed again in float32 when it is no picture."""
        if not bool(self.is_plausible(window, result)):
            self.warnings.add(PRECISION_RETRY)
            result = self._forward(self._in_float32(), [window])[0]
            if not bool(self.is_plausible(window, result)):
                raise InvalidOutput(f"{self.network.name} returned no picture even in float32")
        return result.clamp(0, 1)

    def _sized(self, windows: Sequence[Pixels], size: Size) -> torch.Tensor:
        """All windows, `size.batch` at once; in tiles of `size.tile` when they are larger."""
        if max(windows[0].shape[:2]) > size.tile + 2 * self.pad:
            return torch.stack([self._in_tiles(window, size.tile) for window in windows])
        network = self._network(windows[0])
        groups = (windows[i : i + size.batch] for i in range(0, len(windows), size.batch))
        return torch.cat([self._forward(network, group) for group in groups])

    def _in_tiles(self, window: Pixels, tile: int) -> Tile:
        height, width = window.shape[:2]
        exact = self.network.is_exact(self.pad)
        grid = make_grid(width=width, height=height, tile=tile, pad=self.pad, exact=exact)
        scale = self.network.scale
        canvas = np.empty((height * scale, width * scale, 3), window.dtype)
        mosaic = Mosaic(canvas, grid, scale)
        for row in grid.rows:
            for column in grid.columns:
                part = window[row.start : row.stop, column.start : column.stop]
                result = self._forward(self._network(part), [part])[0]
                mosaic.place(row, column, self._checked(part, result).cpu())
        return in_range(canvas, self.model.device)

    def _forward(self, network: torch.nn.Module, windows: Sequence[Pixels]) -> torch.Tensor:
        """N x sH x sW x 3, float32; values may leave 0..1 slightly."""
        with torch.inference_mode():
            batch = self._batch(network, windows)
            total: torch.Tensor = network(batch, between=self.context.check).float()
            for number in range(1, self.views):
                self.between_views()
                view = view_of(batch, number).contiguous(memory_format=self._layout)
                total += back_from(network(view, between=self.context.check).float(), number)
            mean = total / self.views if self.views > 1 else total
            return mean.permute(0, 2, 3, 1)

    def _batch(self, network: torch.nn.Module, windows: Sequence[Pixels]) -> torch.Tensor:
        """N x 3 x H x W in the format and on the device of the network, values 0..1."""
        weight = next(network.parameters())
        stacked = np.stack(windows)
        # numpy widens 16 bits: not every device of torch knows unsigned ones.
        plain = stacked.astype(np.float32) if stacked.dtype == np.uint16 else stacked
        batch = torch.from_numpy(plain)
        if weight.is_cuda:
            batch = batch.pin_memory()
        batch = batch.to(weight.device, non_blocking=True)
        batch = batch.permute(0, 3, 1, 2).to(weight.dtype).contiguous(memory_format=self._layout)
        return batch / white(windows[0])

    @property
    def _layout(self) -> torch.memory_format:
        return torch.channels_last if self.model.channels_last else torch.contiguous_format

    def _network(self, window: Pixels) -> torch.nn.Module:
        network: torch.nn.Module = self.model.network
        return self._in_float32() if window.dtype == np.uint16 else network

    def _in_float32(self) -> torch.nn.Module:
        """A private copy unless it is that already: the model itself is shared with other jobs."""
        if self.model.dtype == FLOAT32:
            network: torch.nn.Module = self.model.network
            return network
        if self._exact_network is None:
            self._exact_network = copy.deepcopy(self.model.network).float()
        return self._exact_network
