"""Seconds and memory by size of the picture and of the tile, the first run of a process and later ones.

    python -m tests.bench.enhance.sizes [--threads 2] [--quick 1]

Every line is a process of its own, so that its peak is its own. From these the sizing guide
docs/operating/sizing.md was made. No goals.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.enhance import hardware
from tests.bench.enhance.commandline import parser
from tests.bench.enhance.report import Report

ROOT = Path(__file__).resolve().parents[3]
# quality, side of the picture, tile (0: what the plan chooses)
CASES = (
    ("fast", 256, 0), ("fast", 512, 0), ("fast", 1024, 0), ("fast", 2048, 0),
    ("fast", 1024, 128), ("fast", 1024, 256), ("fast", 1024, 1024),
    ("high", 128, 0), ("high", 256, 0), ("high", 256, 64), ("high", 512, 0),
)  # fmt: skip
QUICK_PIXELS = {"fast": 1024**2, "high": 256**2}


def measure(report: Report, *, threads: int, quick: bool) -> None:
    """One child for each case."""
    for quality, side, tile in CASES:
        if quick and side * side > QUICK_PIXELS[quality] // 4:
            continue
        row = _child(quality, side, tile, threads)
        title = f"{quality} {side} x {side} x4, tile {tile or 'auto'}"
        report.add(f"{title}, warm", row["warm_s"], "s", detail=row)
        report.add(f"{title}, CPU", row["warm_cpu_s"], "CPU-s")
        report.add(f"{title}, first run of the process", row["cold_s"], "s")
        report.add(f"{title}, peak memory", row["peak_mb"], "MB")


def _child(quality: str, side: int, tile: int, threads: int) -> dict[str, float]:
    command = [sys.executable, "-m", __spec__.name, "--threads", str(threads)]
    command += ["--side", str(side), "--tile", str(tile), "--quality", quality]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    row: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return row


def one(quality: str, side: int, tile: int, threads: int) -> dict[str, float]:
    """Load and run once, then once more; in this process."""
    began = time.perf_counter()
    import torch

    from tests.bench.enhance import ours, pictures

    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory(prefix="omni-bench-") as name:
        folder = Path(name)
        picture = pictures.photo(side, side)
        worker = ours.Worker("cpu", ours.BenchStore(folder), scratch=folder)
        options = {"quality_level": quality, "tile_size": tile or "auto"}
        plan = worker.plan(picture, **options)
        prepared = time.perf_counter() - began
        first = _timed(lambda: worker.enlarge(picture, **options))
        later = min(_timed(lambda: worker.enlarge(picture, **options)) for _ in range(2))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "tiles": plan.tiles, "window": plan.passes[0].grid.window, "start_s": prepared,
        "cold_s": first[0], "warm_s": later[0], "warm_cpu_s": later[1], "peak_mb": peak,
    }  # fmt: skip


def _timed(work) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> int:
    """Command line; the exit code."""
    chosen = parser(__doc__, side=0, tile=0, quick=0)
    chosen.add_argument("--quality", default="fast")
    options = chosen.parse_args()
    if options.side:
        print(json.dumps(one(options.quality, options.side, options.tile, options.threads)))
        return 0
    report = Report(f"sizes, {hardware.describe()}", file=options.json)
    measure(report, threads=options.threads, quick=bool(options.quick))
    return 0


if __name__ == "__main__":
    sys.exit(main())
