"""G1 to G4: whole jobs on a CUDA device against upstream's, with random face weights.

    python -m tests.bench.enhance.gpu --json FILE [--seconds 240] [--tiny] [--weights FOLDER]

A plain script: it needs torch, torchvision, OpenCV, Pillow, gfpgan, facexlib, basicsr and
realesrgan, and no database. The rows are written after each of them; a part for which too little
of `--seconds` is left says so. `--tiny` walks all parts on a processor with small pictures.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from project.images.encode import encode_image
from tests.bench.device_meter import Utilisation
from tests.bench.enhance import hardware, jobs, network_forms, pictures, upstream
from tests.bench.enhance.commandline import parser
from tests.bench.enhance.gpu_bench import TINY, Bench, Sizes
from tests.bench.enhance.jobs import Task
from tests.bench.enhance.report import Report

LEAST_ONE, STRETCH_ONE, LEAST_FACES, LEAST_QUEUE = 4.0, 8.0, 3.0, 5.0
LEAST_PSNR, MOST_LEVELS, LEAST_BUSY_PERCENT, MOST_MEMORY = 45.0, 2, 80.0, 0.6
FORCED_BYTES = 6 * 10**9
SEAM_PIXELS = 64  # of the source, on each side of upstream's seams and at its padded borders
THREADS = 8


def network_alone(bench: Bench) -> None:
    """Which form of the network the parts below use."""
    blocks = len({key.split(".")[1] for key in bench.state if key.startswith("body.")})
    bench.form = network_forms.compare(
        bench.report, bench.state, device=bench.device, window=bench.sizes.window, blocks=blocks
    )
    bench.sides()


def one_picture(bench: Bench) -> None:
    """G1: 1080 x 1440 with two faces to four times each side, file to file."""
    task = bench.task(*bench.sizes.one, min(2, bench.sizes.faces))
    seconds: dict[str, float] = {}
    name = f"G1 {bench.sizes.one[0]} x {bench.sizes.one[1]} x4, 2 faces"
    result = bench.compare(
        name,
        lambda: bench.ours(task, seconds=seconds),
        lambda: bench.theirs(task),
        LEAST_ONE,
        detail={"stages": seconds, "stretch": STRETCH_ONE},
    )
    plan = bench.worker.plan(result.sides["ours"].result.pixels[::4, ::4])
    bench.report.add("G1 tiles", "; ".join(str(step.grid.window) for step in plan.passes), detail=plan.as_json())  # fmt: skip
    began = time.perf_counter()
    encode_image(Image.fromarray(result.sides["ours"].result.pixels), format="PNG", png_level=1)
    bench.report.add(
        "G1 beside it: a PNG of the background, which a job keeps to blend faces anew",
        time.perf_counter() - began, "s",
    )  # fmt: skip
    exact = bench.upstream_restorer(
        upstream.upsampler(bench.state, device=bench.device, half=False, folder=bench.folder), 4
    )
    torch.backends.cudnn.allow_tf32 = False
    try:
        reference = jobs.theirs(exact, task).pixels
    finally:
        torch.backends.cudnn.allow_tf32 = True
    mine = result.sides["ours"].result.pixels
    inside = away_from_seams(*bench.sizes.one)
    if inside.any():
        psnr = pictures.differences(mine[inside], reference[inside])[0]
        bench.report.at_least("G1 PSNR against upstream fp32 away from its seams", psnr, LEAST_PSNR, "dB")  # fmt: skip
    bench.report.add("G1 PSNR everywhere", pictures.differences(mine, reference)[0], "dB")
    half = result.sides["upstream"].result.pixels
    bench.report.add("G1 upstream's own half precision, PSNR", pictures.differences(half, reference)[0], "dB")  # fmt: skip


def away_from_seams(width: int, height: int) -> Any:
    """Pixels of the result (4x) whose surroundings upstream saw whole."""

    def axis(length: int) -> Any:
        places = np.arange(length)
        seams = [*range(upstream.TILE, length, upstream.TILE), length]
        return np.all([np.abs(places - seam) > SEAM_PIXELS for seam in seams], axis=0).repeat(4)

    return axis(height)[:, None] & axis(width)[None, :]


def faces_only(bench: Bench) -> None:
    """G2: eight faces, the background only resampled to twice each side."""
    task = bench.task(*bench.sizes.one, bench.sizes.faces)
    plain = bench.upstream_restorer(None, 2)
    name = f"G2 {bench.sizes.faces} faces, background off, x2"
    result = bench.compare(
        name,
        lambda: jobs.our_faces(bench.worker, task, scale=2),
        lambda: jobs.theirs(plain, task),
        LEAST_FACES,
    )
    default = pictures.differences(*(result.sides[side].result.pixels for side in result.sides))
    bench.report.add("G2 PSNR of the whole pictures, their resampling included", default[0], "dB")
    tf32 = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    try:
        exact = jobs.our_faces(bench.worker, task, scale=2), jobs.theirs(plain, task)
    finally:
        torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = tf32
    for label, (mine, other) in (
        ("in fp32", exact),
        ("with TF32, as torch does it", (result.sides["ours"].result, result.sides["upstream"].result)),
    ):  # fmt: skip
        apart = [pictures.differences(a, b) for a, b in zip(mine.faces, other.faces, strict=True)]
        most, psnr = max(most for _, most in apart), min(psnr for psnr, _ in apart)
        met = most <= MOST_LEVELS if label == "in fp32" else None
        bench.report.add(
            f"G2 largest difference of a restored face {label}", most, "of 255",
            goal=f"<= {MOST_LEVELS}" if met is not None else "", met=met, detail={"psnr": psnr},
        )  # fmt: skip


def queue(bench: Bench) -> None:
    """G3: sixteen pictures with one to three faces, handed in at once; theirs one by one."""
    side, most = bench.sizes.queued, min(3, bench.sizes.faces)
    tasks = [
        bench.task(side, side, 1 + number % most, number) for number in range(bench.sizes.jobs)
    ]

    def mine(tasks: list[Task]) -> list[Any]:
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(lambda task: bench.ours(task).pixels, tasks))

    result = bench.compare(
        f"G3 {len(tasks)} pictures of {side} px",
        lambda: mine(tasks),
        lambda: [bench.theirs(task).pixels for task in tasks],
        LEAST_QUEUE,
    )
    alone = [bench.ours(task).pixels for task in tasks[:4]]
    together = result.sides["ours"].result
    most_apart = max(pictures.differences(a, b)[1] for a, b in zip(alone, together, strict=False))
    bench.report.at_most("G3 largest difference to the same picture alone", most_apart, 1, "of 255")
    with Utilisation(bench.device) as used:
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < bench.sizes.busy_seconds:
            mine(tasks * 3)
            done += 3 * len(tasks)
        took = time.perf_counter() - began
    bench.report.add("G3 throughput of a long queue", done / took, "pictures/s")
    if used.percent is None:
        bench.report.add("G3 device busy", used.reason)
    else:
        bench.report.at_least("G3 device busy", used.percent, LEAST_BUSY_PERCENT, "%")


def large(bench: Bench) -> None:
    """G4: twelve megapixels to four times each side: device memory, and with 6 GB in all."""
    picture = pictures.photo(*bench.sizes.large)
    # The background alone, and nothing else on the device.
    bench.restorer = None
    bench.worker.host.evict_unpinned()
    mine = measured(bench, "ours", lambda: bench.worker.enlarge(picture))
    other = measured(bench, "upstream", lambda: upstream.enlarge(bench.up, picture))
    if bench.device == "cpu":
        return
    bench.report.at_most("G4 12 MP x4, peak device memory against upstream", mine / other, MOST_MEMORY, "times")  # fmt: skip
    bench.up = None
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(bench.device).total_memory
    torch.cuda.set_per_process_memory_fraction(FORCED_BYTES / total)
    try:
        peak = measured(bench, "ours within 6 GB", lambda: bench.worker.enlarge(picture))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    bench.report.at_most("G4 12 MP x4 within 6 GB, peak", peak / 1e9, FORCED_BYTES / 1e9, "GB")


def measured(bench: Bench, side: str, run: Callable[[], Any]) -> int:
    """The most bytes that tensors held at once, and the seconds of the one run."""
    is_cuda = bench.device != "cpu"
    if is_cuda:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    run()
    bench.report.add(f"G4 {side}", time.perf_counter() - began, "s")
    if not is_cuda:
        return 0
    peak = torch.cuda.max_memory_allocated()
    bench.report.add(f"G4 {side}, peak of tensors", peak / 1e9, "GB", detail={"reserved": torch.cuda.max_memory_reserved()})  # fmt: skip
    return peak


# Each with the seconds that it needs at least. The last one puts upstream's face networks away.
PARTS: tuple[tuple[Callable[[Bench], None], float], ...] = (
    (network_alone, 0), (one_picture, 40), (queue, 55), (faces_only, 20), (large, 40),
)  # fmt: skip


def main() -> int:
    """Command line; the exit code."""
    chosen = parser(__doc__, seconds=240)
    chosen.add_argument("--tiny", action="store_true")
    chosen.add_argument("--device", default="")
    chosen.add_argument("--weights", type=Path)
    options = chosen.parse_args()
    device = options.device or ("cuda:0" if torch.cuda.is_available() else "cpu")
    torch.set_num_threads(options.threads)
    if options.tiny:
        upstream.shrink()
    began = time.perf_counter()
    report = Report(f"G1 to G4, {hardware.describe(device)}", file=options.json)
    with upstream.scratch() as folder:
        bench = Bench(
            device=device, sizes=TINY if options.tiny else Sizes(), folder=Path(folder),
            report=report, until=began + options.seconds,
        )  # fmt: skip
        bench.prepare(options.weights)
        for part, needed in PARTS:
            left = bench.until - time.perf_counter()
            if left < needed:
                report.add(part.__name__, f"left out, {left:.0f} s were left", met=False)
                continue
            try:
                part(bench)
            except Exception as error:  # noqa: BLE001
                # The other parts are worth having: device time is rare.
                traceback.print_exc()
                report.add(part.__name__, f"failed: {type(error).__name__}: {error}", met=False)
            report.add(f"{part.__name__} ended after", time.perf_counter() - began, "s")
    return bool(report.missed)


if __name__ == "__main__":
    sys.exit(main())
