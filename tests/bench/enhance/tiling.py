"""C4: the small network in tiles equals the same picture at once, in float32 channels_last.

python -m tests.bench.enhance.tiling [--width 333] [--height 250] [--tile 96]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

from enhance.options import MAX_TILE_SIZE
from project.inference.devices import Format, Placement
from tests.bench.enhance import hardware, ours, pictures, upstream
from tests.bench.enhance.commandline import parser
from tests.bench.enhance.report import Report

FLOAT32 = Format(channels_last=True)
MOST_SHARE_OTHERWISE = 1e-4


def measure(report: Report, folder: Path, *, width: int, height: int, tile: int) -> None:
    """Through the whole pipeline: grid, windows, mosaic."""
    worker = ours.Worker("cpu", ours.BenchStore(folder), scratch=folder)
    worker.host._place = lambda spec: Placement(device="cpu", format=FLOAT32)
    picture = pictures.photo(width, height)
    options = {"quality_level": "fast", "output_format": "png"}
    plan = worker.plan(picture, tile_size=tile, **options)
    tiled = worker.enlarge(picture, tile_size=tile, **options)
    whole = worker.enlarge(picture, tile_size=MAX_TILE_SIZE, **options)
    different = float(np.mean(tiled != whole))
    most = pictures.differences(tiled, whole)[1]
    title = f"C4 animevideov3 {width} x {height} in {plan.tiles} tiles of {tile}"
    report.at_most(f"{title}, values that differ from one pass", 100 * different, 0, "%", detail={"largest": most})  # fmt: skip


def main() -> int:
    """Command line; the exit code."""
    arguments = parser(__doc__, width=333, height=250, tile=96).parse_args()
    torch.set_num_threads(arguments.threads)
    report = Report(f"C4, {hardware.describe()}", file=arguments.json)
    with upstream.scratch() as folder:
        measure(
            report, Path(folder), width=arguments.width, height=arguments.height, tile=arguments.tile
        )  # fmt: skip
    return bool(report.missed)


if __name__ == "__main__":
    sys.exit(main())
