"""`manage.py xray_train_gate`: train and measure the gate from data packs and negatives."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shlex
import sys
import time
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

FILE, FIGURES = "cxr-gate.safetensors", "gate.json"


class Command(BaseCommand):
    """Writes cxr-gate.safetensors and gate.json: threshold, sources, held-out figures."""

    help = "Train the gate that refuses what is not an upright frontal chest X-ray."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The defaults made the shipped file."""
        parser.add_argument(
            "--data", type=Path, action="append", required=True,
            help="a pack of films that must be let in; may be given several times",
        )  # fmt: skip
        parser.add_argument(
            "--negatives", type=Path, default=None,
            help="a folder of pictures that must be refused, beside what packages bring",
        )  # fmt: skip
        parser.add_argument("--out", type=Path, required=True, help="folder for what is written")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--px", type=int, default=64)
        parser.add_argument("--steps", type=int, default=900)
        parser.add_argument("--precision", choices=("bf16", "fp32"), default="bf16")
        parser.add_argument(
            "--measure", type=Path, default=None,
            help="train nothing: the held-out figures of this file, with its seed and sources",
        )  # fmt: skip

    def handle(self, *args: Any, **given: Any) -> None:
        """Part the sources, train, choose the threshold, measure what was held out."""
        del args
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        import torch

        from xray.pipeline.checkpoint import CheckpointError
        from xray.pipeline.gate_network import load_gate, save_gate
        from xray.training.gate_run import described, figures_of, open_data, train_from
        from xray.training.packs import PackError
        from xray.training.train_gate import GateRecipe

        # One thread: the rounding, and so the weights, do not depend on the number of cores.
        torch.set_num_threads(1)
        out: Path = given["out"]
        out.mkdir(parents=True, exist_ok=True)
        begin = time.process_time()
        try:
            data = open_data(given["data"], given["negatives"], seed=given["seed"])
            recipe = GateRecipe(
                px=given["px"],
                steps=given["steps"],
                seed=given["seed"],
                precision=given["precision"],
            )
            if given["measure"]:
                gate = load_gate(given["measure"])
                network, spec = gate.layers, gate.spec
                recipe = replace(recipe, px=spec.px)
                file = given["measure"]
            else:
                network, spec = train_from(data, recipe, say=self._say)
                file = out / FILE
                save_gate(network, spec, file)
            trained_s = time.process_time() - begin
            told = {
                "command": shlex.join(["manage.py", *sys.argv[1:]]),
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                "px": spec.px,
                "threshold": spec.threshold,
                "seed": recipe.seed,
                "cpu_seconds": round(trained_s),
                "versions": {"python": platform.python_version(), "torch": torch.__version__},
                **described(data),
                "validation": figures_of(network, spec, data, recipe, "validation"),
                "heldout": figures_of(network, spec, data, recipe, "heldout"),
            }
        except (PackError, CheckpointError, ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        (out / FIGURES).write_text(json.dumps(told, indent=2) + "\n")
        for line in _summary(told["heldout"]):
            self._say(line)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _summary(figures: dict[str, Any]) -> list[str]:
    """One line for each held-out share."""
    return [
        f"{group}, {name}: refused {told['refused']} of {told['of']}"
        f" ({told['share']:.2%}, 95 % {told['ci95'][0]:.2%} to {told['ci95'][1]:.2%})"
        for group, by_name in figures.items()
        for name, told in by_name.items()
    ]
