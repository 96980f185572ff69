"""A whole picture through one network, tile by tile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from enhance.nets.catalogue import Network
from enhance.pipeline.canvas import new_canvas
from enhance.pipeline.inference import WindowRunner
from enhance.pipeline.tiling import Mosaic, Pixels
from enhance.plan import Pass
from project.inference.context import Model, RunContext

STAGE = "background"


class TileProgress:
    """Counts the tiles of all passes of one picture and reports each as a checkpoint."""

    def __init__(self, context: RunContext, passes: Sequence[Pass]) -> None:
        self._context = context
        self._width = passes[0].width
        self._total = sum(step.grid.tiles for step in passes)
        self._done = 0

    def start(self) -> None:
        """The checkpoint before the first tile."""
        self._context.step(STAGE, 0, self._total)

    def finish_tile(self, step: Pass, box: tuple[int, int, int, int]) -> None:
        """`partial` names the finished box in pixels of the source picture."""
        factor = step.width // self._width
        partial: dict[str, Any] = {"box": [edge // factor for edge in box]}
        self._done += 1
        self._context.step(STAGE, self._done, self._total, partial=partial)


def enlarge(
    context: RunContext,
    model: Model,
    network: Network,
    pixels: Pixels,
    step: Pass,
    *,
    finish_tile: Callable[[Pass, tuple[int, int, int, int]], None],
) -> tuple[Pixels, set[str]]:
    """`pixels` enlarged by the network's scale, and the codes of warnings.

    Between two tiles `finish_tile` may raise to stop the run.
    """
    height, width = pixels.shape[:2]
    scale = network.scale
    canvas = new_canvas((height * scale, width * scale, 3), context.scratch_dir)
    mosaic = Mosaic(canvas, step.grid, scale)
    runner = WindowRunner(context=context, model=model, network=network, pad=step.pad)
    boxes = step.grid.boxes()
    for row in step.grid.rows:
        for column in step.grid.columns:
            window = pixels[row.start : row.stop, column.start : column.stop]
            mosaic.place(row, column, runner.run(window))
            finish_tile(step, next(boxes))
    return canvas, runner.warnings
