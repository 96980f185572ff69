"""One film through the classifier: plain float32 PyTorch against the forms in which it serves.

python -m tests.bench.xray.inference --model FILE [--rounds 15] [--films 64]

Plain is the trained network, run eagerly on contiguous input. The goal is for the form in which a
worker on this machine would serve this version: the probe of the model host chooses it among the
formats that the version's own evidence allows. Of the shipped file that is what `metrics.json` keeps
of the hold-out films; of any other file, what is measured here. Other forms are told without a goal.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from project.inference import devices
from project.inference.registry import MAX_PROBABILITY_DIFFERENCE
from tests.bench.enhance import hardware
from tests.bench.enhance.commandline import parser
from tests.bench.enhance.report import Report
from tests.bench.enhance.turns import take_turns
from tests.bench.xray.films import framed
from xray.networks import classifier_spec
from xray.pipeline.checkpoint import load_classifier, read_calibration
from xray.pipeline.classifier import FilmClassifier, for_serving, load
from xray.pipeline.folding import folded_body
from xray.pipeline.network import as_input
from xray.services.shipped import WEIGHTS, shipped_classifier
from xray.training.formats import format_differences

LEAST_GAIN, MOST_LOAD_SECONDS, MOST_BYTES = 2.0, 3.0, 50_000_000
THREADS = (1, 2)
BATCH = 8
PLAIN = "plain float32"
Evidence = Mapping[str, Mapping[str, Any]]
"""By format: how far it moves a probability, as `format_differences` tells it."""


def measure(report: Report, model: Path, *, rounds: int, films: int) -> None:
    """Verify, then time."""
    began = time.perf_counter()
    load(None, model, "cpu", "float32")  # type: ignore[arg-type]  # the loader needs no spec
    report.at_most("X6 load of the checkpoint, ready to serve", time.perf_counter() - began, MOST_LOAD_SECONDS, "s")  # fmt: skip
    report.at_most("X6 size of the checkpoint", model.stat().st_size / 1e6, MOST_BYTES / 1e6, "MB")
    network, spec = load_classifier(model)
    pixels, source = framed(films, spec.px)
    stacked = torch.stack([torch.from_numpy(film) for film in pixels])
    measured = format_differences(network, spec, stacked, read_calibration(model))
    for dtype, told in measured.items():
        report.add(f"|dp| of {dtype}, {told['films']} {source}", told["probability_difference"])
        report.add(f"same heat map region, {dtype}", told["regions_equal"], "of 1")
    kept, origin = evidence_of(model, measured)
    plain_input = as_input(stacked[:1], mean=spec.mean, std=spec.std).contiguous()
    last = plain_input.contiguous(memory_format=torch.channels_last)
    plain = FilmClassifier(network, spec).eval()
    folded = FilmClassifier(network, spec, body=folded_body(network).to(memory_format=torch.channels_last))  # type: ignore[call-overload]  # fmt: skip
    sides = {PLAIN: (plain, plain_input), "folded, eager, channels last": (folded, last)}
    for dtype in measured:
        packed = for_serving(network, spec, device="cpu", dtype=dtype)
        sides[packed_side(dtype)] = (packed, last)
    for threads in THREADS:
        torch.set_num_threads(threads)
        served = served_dtype(kept, px=spec.px, probe=devices.probe("cpu"))
        title = f"{threads} thread(s), {spec.px} px"
        report.at_most(f"{title}, |dp| of what is served, {served}, {origin}", kept[served]["probability_difference"], MAX_PROBABILITY_DIFFERENCE)  # fmt: skip
        with torch.inference_mode():
            result = take_turns(
                {name: lambda side=side: side[0](side[1]) for name, side in sides.items()},
                rounds=rounds,
            )
        for name in sides:
            report.add(f"{title}, {name}", 1000 * result.seconds(name), "ms", detail=result.label)
            report.add(f"{title}, {name}, CPU", 1000 * result.seconds(name, "cpu"), "CPU-ms")
            if name not in (PLAIN, packed_side(served)):
                report.add(f"{title}, {name} against plain", result.ratio(PLAIN, name), "times")
        fast = packed_side(served)
        report.at_least(f"{title}, {fast}, as served here, against plain ({result.label})", result.ratio(PLAIN, fast), LEAST_GAIN, "times")  # fmt: skip
        report.add("the same in CPU seconds", result.ratio(PLAIN, fast, "cpu"), "times")
    _batches(report, sides[fast], rounds=rounds)


def evidence_of(model: Path, measured: Evidence) -> tuple[Evidence, str]:
    """What is known of the formats of `model`, and where from."""
    shipped = shipped_classifier()
    if model.resolve() != shipped.resolve():
        return measured, "measured above"
    kept = json.loads((WEIGHTS / "metrics.json").read_text("utf-8"))
    found: Evidence = kept["figures"]["holdout"]["formats"]
    return found, "hold-out films of metrics.json"


def served_dtype(evidence: Evidence, *, px: int, probe: devices.Probe) -> str:
    """The format that a worker would choose with this evidence and this probe."""
    metrics = {"holdout": {"formats": evidence}}
    spec = classifier_spec("bench", version="bench", px=px, metrics=metrics)
    return probe.place(spec).format.dtype


def packed_side(dtype: str) -> str:
    """The name of the row."""
    return f"packed {dtype}"


def _batches(report: Report, side: tuple[FilmClassifier, torch.Tensor], *, rounds: int) -> None:
    """X10 on a processor: a figure without a goal, a batch gains little there."""
    classifier, one = side
    many = one.expand(BATCH, -1, -1, -1).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        result = take_turns(
            {"one": lambda: classifier(one), "many": lambda: classifier(many)}, rounds=rounds
        )
    gain = BATCH * result.seconds("one") / result.seconds("many")
    report.add(f"X10 films a second in batches of {BATCH} against 1", gain, "times")


def main() -> int:
    """Command line; the exit code."""
    options = parser(__doc__, rounds=15, films=64)
    options.add_argument("--model", type=Path, required=True)
    arguments = options.parse_args()
    report = Report(f"inference, {hardware.describe()}", file=arguments.json)
    measure(report, arguments.model, rounds=arguments.rounds, films=arguments.films)
    return bool(report.missed)


if __name__ == "__main__":
    sys.exit(main())
