"""C2: x4plus on this processor against upstream's `RealESRGANer` in float32, same weights.

python -m tests.bench.enhance.cpu [--side 128] [--rounds 5] [--threads 2]
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from tests.bench.enhance import hardware, ours, pictures, upstream
from tests.bench.enhance.commandline import parser
from tests.bench.enhance.report import Report
from tests.bench.enhance.turns import take_turns

NETWORK = "realesrgan-x4plus"
LEAST_GAIN, LEAST_GAIN_WITHOUT = 2.0, 1.0
LEAST_PSNR, MOST_LEVELS = 48.0, 12


def measure(report: Report, folder: Path, *, side: int, rounds: int) -> None:
    """Speed as both are used, then the numbers on the very same input."""
    worker = ours.Worker("cpu", ours.BenchStore(folder), scratch=folder)
    picture, state = pictures.crop(side), worker.store.state(NETWORK)
    theirs = upstream.upsampler(state, device="cpu", half=False, folder=folder)
    # Their default adds ten reflected pixels below and to the right: other pixels near the border.
    same_input = upstream.upsampler(state, device="cpu", half=False, folder=folder, pre_pad=0)
    result = take_turns(
        {
            "ours": lambda: worker.enlarge(picture),
            "upstream": lambda: upstream.enlarge(theirs, picture),
            "upstream without pre_pad": lambda: upstream.enlarge(same_input, picture),
        },
        rounds=rounds,
    )
    with worker.host.use(NETWORK) as model:
        form = f"{model.dtype}{' channels_last' if model.channels_last else ''}"
    title = f"x4plus {side} x {side}"
    for name in result.sides:
        report.add(f"{title}, {name}", result.seconds(name), "s", detail=result.label)
        report.add(f"{title}, {name}, CPU", result.seconds(name, "cpu"), "CPU-s")
    wanted = LEAST_GAIN if hardware.has_bfloat16() else LEAST_GAIN_WITHOUT
    gain = result.ratio("upstream", "ours")
    report.at_least(f"C2 {title} in {form} against upstream fp32 ({result.label})", gain, wanted, "times")  # fmt: skip
    report.add("the same in CPU seconds", result.ratio("upstream", "ours", "cpu"), "times")
    report.add("the same without their pre_pad", result.ratio("upstream without pre_pad", "ours"), "times")  # fmt: skip
    psnr, most = pictures.differences(
        result.sides["ours"].result, result.sides["upstream without pre_pad"].result
    )
    report.at_least("C2 PSNR against upstream fp32", psnr, LEAST_PSNR, "dB")
    report.at_most("C2 largest difference", most, MOST_LEVELS, "of 255")


def main() -> int:
    """Command line; the exit code."""
    arguments = parser(__doc__, side=128, rounds=5).parse_args()
    torch.set_num_threads(arguments.threads)
    report = Report(f"C2, {hardware.describe()}", file=arguments.json)
    with upstream.scratch() as folder:
        measure(report, Path(folder), side=arguments.side, rounds=arguments.rounds)
    return bool(report.missed)


if __name__ == "__main__":
    sys.exit(main())
