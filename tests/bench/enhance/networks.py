"""Seconds and precision of every network whose weights are here.

    python -m tests.bench.enhance.networks [--side 256] [--rounds 3] [--threads 1]

Runs one crop of a photo through each network in float32 and bfloat16 (channels last), in turns:
wall and CPU seconds, CPU seconds per input megapixel, and PSNR and largest difference against
float32 in 8-bit levels. No goal of its own: the worker's probe takes what is faster.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

from enhance.nets.catalogue import ARCHITECTURES
from enhance.nets.loader import load
from tests.bench.enhance import hardware, ours, pictures, upstream
from tests.bench.enhance.commandline import parser
from tests.bench.enhance.report import Report
from tests.bench.enhance.turns import take_turns

PRECISIONS = ("float32", "bfloat16")


def measure(report: Report, folder: Path, *, side: int, rounds: int) -> None:
    """One row for each network and precision."""
    ours.register()
    store = ours.BenchStore(folder)
    planes = np.ascontiguousarray(pictures.crop(side).transpose(2, 0, 1)).astype(np.float32) / 255
    picture = torch.from_numpy(planes)[None]
    for name in ARCHITECTURES:
        if store.is_here(name):
            one(report, name, store.require(name).path, picture, rounds)


def one(report: Report, name: str, path: Path, picture: torch.Tensor, rounds: int) -> None:
    """Both precisions of one network in turns."""
    sides = {precision: runner(name, path, precision, picture) for precision in PRECISIONS}
    result = take_turns(sides, rounds=rounds)
    megapixels = picture.shape[2] * picture.shape[3] / 1e6
    for precision, series in result.sides.items():
        psnr, most = pictures.differences(series.result, result.sides["float32"].result)
        cpu = result.seconds(precision, "cpu")
        report.add(
            f"{name} {precision}", cpu / megapixels, "CPU-s per megapixel",
            detail={"wall_s": result.seconds(precision), "cpu_s": cpu, "label": result.label},
        )  # fmt: skip
        if precision != "float32":
            report.add(f"{name} {precision}, PSNR against float32", psnr, "dB", detail={"largest": most})  # fmt: skip


def runner(name: str, path: Path, precision: str, picture: torch.Tensor) -> Any:
    """A call that returns the result in 8-bit levels."""
    dtype = getattr(torch, precision)
    network = load(path, ARCHITECTURES[name], device="cpu", dtype=dtype)
    network = network.to(memory_format=torch.channels_last)
    given = picture.to(dtype).contiguous(memory_format=torch.channels_last)

    def run() -> Any:
        with torch.inference_mode():
            return (network(given).float().clamp(0, 1) * 255).round().byte().numpy()

    return run


def main() -> int:
    """Command line; the exit code."""
    options = parser(__doc__, side=256, rounds=3).parse_args()
    torch.set_num_threads(options.threads)
    report = Report(f"networks, {hardware.describe()}", file=options.json)
    with upstream.scratch() as folder:
        measure(report, Path(folder), side=options.side, rounds=options.rounds)
    return bool(report.missed)


if __name__ == "__main__":
    sys.exit(main())
