"""Seconds and precision of the networks on the real weights.

    python tests/bench/enhance_bench.py [--size 256] [--rounds 3] [--threads 1]

Runs one crop of scikit-image's astronaut through each network in float32 and bfloat16
(channels last), interleaved, and prints a Markdown table: best wall and CPU seconds per input
megapixel, and PSNR and largest difference against float32 in 8-bit levels. Needs the weights
(`manage.py models pull --embedded`). Not part of the test suite: timings do not belong there.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

PRECISIONS = ("float32", "bfloat16")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=256, help="side of the crop in pixels")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    import django

    django.setup()
    import torch

    from project.inference.devices import processor_name

    torch.set_num_threads(arguments.threads)
    print(
        f"{processor_name()}, {torch.backends.cpu.get_cpu_capability()}, torch {torch.__version__},"
    )
    print(
        f"{arguments.threads} thread(s), {arguments.size} x {arguments.size}, best of {arguments.rounds}\n"
    )
    print("| network | precision | wall s | CPU s | CPU s per megapixel | PSNR dB | max level |")
    print("|---|---|---|---|---|---|---|")
    batch = crop(arguments.size)
    for name in network_names():
        for line in measure(name, batch, arguments.rounds):
            print(line, flush=True)


def network_names() -> list[str]:
    """Small network first."""
    from enhance.nets.catalogue import EMBEDDED, NETWORKS

    embedded = [network for network in NETWORKS.values() if network.name in EMBEDDED]
    cheapest_first = sorted(embedded, key=lambda network: network.megaflop_per_pixel)
    return [network.name for network in cheapest_first]


def crop(side: int):
    """1 x 3 x side x side in 0..1, around the face."""
    import numpy as np
    import torch
    from skimage import data

    picture = data.astronaut()[: max(side, 1), max(0, 224 - side // 2) :][:side, :side]
    planes = np.ascontiguousarray(picture.transpose(2, 0, 1)).astype(np.float32) / 255
    return torch.from_numpy(planes)[None]


def measure(name: str, batch, rounds: int) -> list[str]:
    """Table rows of one network; the precisions take turns, so that load hits both."""
    import torch

    from enhance.nets.catalogue import ARCHITECTURES
    from enhance.nets.loader import load
    from project.inference.weight_store import configured_store

    path = configured_store().require(name).path
    networks = {}
    for precision in PRECISIONS:
        network = load(path, ARCHITECTURES[name], device="cpu", dtype=getattr(torch, precision))
        networks[precision] = network.to(memory_format=torch.channels_last)
    best: dict[str, tuple[float, float]] = {}
    results = {}
    for _ in range(rounds):
        for precision, network in networks.items():
            given = batch.to(getattr(torch, precision)).contiguous(
                memory_format=torch.channels_last
            )
            wall, cpu = time.perf_counter(), time.process_time()
            with torch.inference_mode():
                output = network(given)
            spent = (time.perf_counter() - wall, time.process_time() - cpu)
            best[precision] = min(
                best.get(precision, (math.inf, math.inf)), spent, key=lambda s: s[1]
            )
            results[precision] = (output.float().clamp(0, 1) * 255).round()
    megapixels = batch.shape[2] * batch.shape[3] / 1e6
    rows = []
    for precision, (wall, cpu) in best.items():
        difference = results[precision] - results["float32"]
        error = float(difference.pow(2).mean())
        psnr = "exact" if error == 0 else f"{10 * math.log10(255**2 / error):.1f}"
        rows.append(
            f"| {name} | {precision} | {wall:.2f} | {cpu:.2f} | {cpu / megapixels:.0f} | {psnr} "
            f"| {int(difference.abs().max())} |"
        )
    return rows


if __name__ == "__main__":
    main()
