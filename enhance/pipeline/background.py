"""A whole picture through one network, tile by tile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from enhance.nets.network import Network
from enhance.pipeline.canvas import new_canvas
from enhance.pipeline.inference import WindowRunner
from enhance.pipeline.preview import LivePreview
from enhance.pipeline.tile_queue import TileQueue, TileWork
from enhance.pipeline.tiling import Area, Mosaic, Pixels, depth_of
from enhance.plan import Pass, Plan
from project.inference.context import Model, RunContext

STAGE, RESAMPLE_STAGE = "background", "resample"
Box = tuple[int, int, int, int]


class FinishTile(Protocol):
    """Called after each tile; may raise to stop the run."""

    def __call__(self, step: Pass, box: Box, canvas: Pixels, written: Area) -> None:
        """`box` is the tile's own part in pixels of the pass, `written` what `canvas` got."""
        ...


class TileProgress:
    """Counts the runs of the network over one picture; each is a checkpoint, and each finished
    tile shows itself."""

    def __init__(self, context: RunContext, plan: Plan, preview: LivePreview) -> None:
        self._context = context
        self._width = plan.passes[0].width
        self._total = plan.units
        self._preview = preview
        self._done = 0

    def start(self) -> None:
        """The checkpoint before the first tile."""
        self._context.step(STAGE, 0, self._total)

    def finish_view(self) -> None:
        """One of several views of a tile is done. Memory that ran out may make it again."""
        self._done = min(self._done + 1, self._total - 1)
        self._context.step(STAGE, self._done, self._total)

    def count_tile(self, step: Pass, box: Box, canvas: Pixels, written: Area) -> None:
        """A tile of the transparency: a checkpoint without anything to show."""
        del step, box, canvas, written
        self._done = min(self._done + 1, self._total)
        self._context.step(STAGE, self._done, self._total)

    def finish_tile(self, step: Pass, box: Box, canvas: Pixels, written: Area) -> None:
        """`partial` names the finished box in pixels of the source picture."""
        factor = step.width // self._width
        partial: dict[str, Any] = {"box": [edge // factor for edge in box]}
        self._done = min(self._done + 1, self._total)
        self._preview.add(canvas, written)
        self._context.preview(self._preview.make)
        self._context.step(STAGE, self._done, self._total, partial=partial)

    def end(self) -> None:
        """The checkpoint between the last tile and the exact size."""
        self._context.step(RESAMPLE_STAGE, self._total, self._total)


def enlarge(
    context: RunContext,
    model: Model,
    network: Network,
    pixels: Pixels,
    step: Pass,
    *,
    views: int = 1,
    finish_tile: FinishTile,
    finish_view: Callable[[], None] = lambda: None,
) -> tuple[Pixels, set[str]]:
    """`pixels` enlarged by the network's scale, and the codes of warnings.

    `finish_view` is called between the views of a tile, where there are several.
    """
    height, width = pixels.shape[:2]
    size = (height * network.scale, width * network.scale, 3)
    canvas = new_canvas(size, context.scratch_dir, depth_of(pixels))
    runner = WindowRunner(
        context=context,
        model=model,
        network=network,
        pad=step.pad,
        views=views,
        between_views=finish_view,
    )
    queue = TileQueue(
        runner=runner,
        mosaic=Mosaic(canvas, step.grid, network.scale),
        pixels=pixels,
        finished=lambda work, written: finish_tile(step, work.box, canvas, written),
    )
    for tiles in _batches(step):
        queue.add(tiles)
    queue.finish()
    return canvas, runner.warnings


def _batches(step: Pass) -> Iterator[Sequence[TileWork]]:
    """The tiles row by row, those of one batch from one row."""
    for row in step.grid.rows:
        tiles = [TileWork(row, column) for column in step.grid.columns]
        for first in range(0, len(tiles), step.batch):
            yield tiles[first : first + step.batch]
