"""A whole picture through one network, tile by tile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from enhance.nets.catalogue import Network
from enhance.pipeline.canvas import new_canvas
from enhance.pipeline.inference import WindowRunner
from enhance.pipeline.preview import LivePreview
from enhance.pipeline.tiling import Area, Mosaic, Pixels, depth_of
from enhance.plan import Pass
from project.inference.context import Model, RunContext

STAGE, RESAMPLE_STAGE = "background", "resample"
Box = tuple[int, int, int, int]


class FinishTile(Protocol):
    """Called after each tile; may raise to stop the run."""

    def __call__(self, step: Pass, box: Box, canvas: Pixels, written: Area) -> None:
        """`box` is the tile's own part in pixels of the pass, `written` what `canvas` got."""
        ...


class TileProgress:
    """Counts the tiles of all passes of one picture; each is a checkpoint and shows itself."""

    def __init__(self, context: RunContext, passes: Sequence[Pass], preview: LivePreview) -> None:
        self._context = context
        self._width = passes[0].width
        self._total = sum(step.grid.tiles for step in passes)
        self._preview = preview
        self._done = 0

    def start(self) -> None:
        """The checkpoint before the first tile."""
        self._context.step(STAGE, 0, self._total)

    def finish_tile(self, step: Pass, box: Box, canvas: Pixels, written: Area) -> None:
        """`partial` names the finished box in pixels of the source picture."""
        factor = step.width // self._width
        partial: dict[str, Any] = {"box": [edge // factor for edge in box]}
        self._done += 1
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
    finish_tile: FinishTile,
) -> tuple[Pixels, set[str]]:
    """`pixels` enlarged by the network's scale, and the codes of warnings."""
    height, width = pixels.shape[:2]
    scale = network.scale
    size = (height * scale, width * scale, 3)
    canvas = new_canvas(size, context.scratch_dir, depth_of(pixels))
    mosaic = Mosaic(canvas, step.grid, scale)
    runner = WindowRunner(context=context, model=model, network=network, pad=step.pad)
    boxes = step.grid.boxes()
    for row in step.grid.rows:
        for column in step.grid.columns:
            window = pixels[row.start : row.stop, column.start : column.stop]
            written = mosaic.place(row, column, runner.run(window))
            finish_tile(step, next(boxes), canvas, written)
    return canvas, runner.warnings
