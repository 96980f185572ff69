"""`manage.py xray_train`: train the classifier from a data pack."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

DATA_VARIABLE = "OMNILENS_XRAY_DATA"


class Command(BaseCommand):
    """Writes classifier.safetensors and training.json; `xray_calibrate` and `xray_eval` follow."""

    help = "Train the chest X-ray classifier on a folder or tar with labels.csv."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What the outcome depends on is an argument; the defaults made the shipped model."""
        parser.add_argument("--data", type=Path, default=os.environ.get(DATA_VARIABLE))
        parser.add_argument("--out", type=Path, required=True, help="folder for what is written")
        parser.add_argument("--px", type=_numbers, default=(96, 160, 224))
        parser.add_argument("--epochs", type=_numbers, default=(15, 8, 3))
        parser.add_argument("--batch", type=int, default=32)
        parser.add_argument("--budget-min", type=float, default=None)
        parser.add_argument("--init", default="none", help="none, imagenet or a checkpoint")
        parser.add_argument("--precision", choices=("auto", "bf16", "fp32"), default="auto")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--threads", type=int, default=None)
        parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
        parser.add_argument("--resume", action="store_true", help="go on from --out/state.pt")

    def handle(self, *args: Any, **given: Any) -> None:
        """Split, train, save."""
        del args
        # Two spinning thread pools on shared cores cost ten times the work itself.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        import torch

        from xray.pipeline.checkpoint import CheckpointError, InputSpec, save_classifier
        from xray.training.packs import PackError, open_pack
        from xray.training.split import split_by_group
        from xray.training.start import starting_network
        from xray.training.train import Recipe, train

        if given["data"] is None:
            raise CommandError(f"say where the films are: --data or {DATA_VARIABLE}")
        device = given["device"]
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        out: Path = given["out"]
        out.mkdir(parents=True, exist_ok=True)
        recipe = Recipe(
            sizes=given["px"],
            epochs=given["epochs"],
            batch=given["batch"],
            seed=given["seed"],
            precision=given["precision"],
            budget_s=given["budget_min"] and given["budget_min"] * 60,
            threads=given["threads"],
        )
        try:
            pack = open_pack(Path(given["data"]))
            split = split_by_group(pack.rows, seed=recipe.seed)
            self._say(
                f"films: train {len(split.train)}, calibration {len(split.calibration)},"
                f" hold-out {len(split.holdout)}"
            )
            trained = train(
                pack,
                split.train,
                recipe,
                save_to=out / "state.pt",
                say=self._say,
                start=starting_network(given["init"]),
                resume=given["resume"],
                device=device,
            )
        except (PackError, CheckpointError, ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        save_classifier(
            trained.network,
            InputSpec(trained.px, trained.mean, trained.std),
            out / "classifier.safetensors",
        )
        told = {
            "command": shlex.join(["manage.py", *sys.argv[1:]]),
            "data": {
                "name": pack.name,
                "sha256": pack.digest(split.train + split.calibration + split.holdout),
            },
            "films": {
                "train": len(split.train),
                "calibration": len(split.calibration),
                "holdout": len(split.holdout),
            },
            "seed": recipe.seed,
            "steps": trained.steps,
            "minutes": round(trained.seconds / 60, 1),
            "precision": trained.precision,
            "device": torch.cuda.get_device_name()
            if device == "cuda"
            else platform.processor() or platform.machine(),
            "versions": {"python": platform.python_version(), "torch": torch.__version__},
        }
        (out / "training.json").write_text(json.dumps(told, indent=2) + "\n")
        self._say(f"written to {out}: {trained.steps} steps in {told['minutes']} min")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))
