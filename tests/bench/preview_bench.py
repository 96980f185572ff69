"""What the live preview costs of a run on the real weights.

    python tests/bench/preview_bench.py [--size 512] [--model realesrgan-x4plus-anime] [--tile 96]

Enlarges scikit-image's astronaut in this process, with a sink that only counts, and prints a
Markdown row: CPU seconds of the run and of its previews (a shared machine stretches wall time),
their share, how many were made and their largest size. Needs the weights (`manage.py models pull --embedded`). Not part of the test suite.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=512, help="side of the picture in pixels")
    parser.add_argument("--model", default="realesr-animevideov3")
    parser.add_argument("--tile", type=int, default=0, help="0: as planned")
    arguments = parser.parse_args()
    import django

    django.setup()
    print(
        "| network | picture | tiles | run CPU s | previews CPU s | share | previews | largest KB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    print(measure(arguments.model, arguments.size, arguments.tile))


def measure(name: str, size: int, tile: int) -> str:
    """One table row."""
    import numpy as np
    from PIL import Image
    from skimage import data

    from enhance.options import EnhanceOptions
    from enhance.pipeline import upscale
    from enhance.plan import Limits, make_plan
    from project.inference.device_lease import Rank
    from project.inference.run import LocalRun, Run
    from project.inference.runtime import worker_runtime

    photo = Image.fromarray(data.astronaut()).resize((size, size), Image.Resampling.LANCZOS)
    options = EnhanceOptions(model=name, tile_size=tile or "auto")
    plan = make_plan(
        width=size, height=size, source_format="PNG", options=options,
        limits=Limits(output_pixels=2**40, high_quality_cpu_pixels=2**40),
    )  # fmt: skip
    runtime = worker_runtime()
    sizes: list[int] = []
    spent: list[float] = []

    class TimedRun(Run):
        def preview(self, make):
            def timed():
                started = time.thread_time()
                content = make()
                spent.append(time.thread_time() - started)
                return content

            super().preview(timed)

    with LocalRun(checkpoint=lambda *step: None) as folder:
        run = TimedRun(
            host=runtime.host, lease=runtime.lease, batcher=runtime.batcher,
            checkpoint=lambda *step: None, rank=Rank(), scratch_dir=folder.scratch_dir,
            previews=lambda content: sizes.append(len(content)) or len(sizes),
        )  # fmt: skip
        with run.model(name):
            pass  # the load is not what is measured
        started = time.process_time()
        upscale.run(run, upscale.Request(pixels=np.asarray(photo), plan=plan))
        seconds = time.process_time() - started
    return (
        f"| {name} | {size} x {size} | {plan.tiles} | {seconds:.1f} | {sum(spent):.3f} "
        f"| {100 * sum(spent) / seconds:.2f} % | {len(sizes)} | {max(sizes) / 1000:.0f} |"
    )


if __name__ == "__main__":
    main()
