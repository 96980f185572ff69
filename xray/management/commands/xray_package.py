"""`manage.py xray_package`: bring a trained classifier into the folder that is shipped."""

from __future__ import annotations

import json
import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from xray.management.data_argument import add_data_argument
from xray.services.shipped import CLASSIFIER, WEIGHTS


class Command(BaseCommand):
    """Calibrates, evaluates and writes metrics.json, COMMAND.txt, SHA256SUMS and the card's table."""

    help = "Calibrate, evaluate and package a training run for shipping."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The run, the films it came from, and films from elsewhere."""
        add_data_argument(parser)
        parser.add_argument("--run", type=Path, required=True, help="the --out of xray_train")
        parser.add_argument("--external", type=Path, required=True, help="films from elsewhere")
        parser.add_argument("--to", type=Path, default=WEIGHTS)
        parser.add_argument("--label", default="1.0.0", help="how the version is called")

    def handle(self, *args: Any, **given: Any) -> None:
        """Copy, choose on the calibration films, look at the others once."""
        del args
        from xray.pipeline.checkpoint import load_classifier, read_calibration
        from xray.training.package import metrics_of, with_figures, write_json, write_sums

        run, to = given["run"], given["to"]
        to.mkdir(parents=True, exist_ok=True)
        model = to / CLASSIFIER
        shutil.copyfile(run / "classifier.safetensors", model)
        training = json.loads((run / "training.json").read_text("utf-8"))
        seed = training["seed"]
        call_command("xray_calibrate", data=given["data"], model=model, seed=seed)
        figures = {
            "holdout": _figures(
                given["data"], model, seed, split="holdout", more=("cam", "formats")
            ),
            "calibration": _figures(given["data"], model, seed, split="calibration"),
            "external": _figures(given["external"], model, seed, split="all"),
        }
        metrics = metrics_of(
            training=training,
            calibration=read_calibration(model).as_json(),
            figures=figures,
            version=given["label"],
            px=load_classifier(model)[1].px,
        )
        write_json(to / "metrics.json", metrics)
        (to / "COMMAND.txt").write_text(_told(training), "utf-8")
        card = to / "MODEL_CARD.md"
        card.write_text(with_figures(card.read_text("utf-8"), figures), "utf-8")
        write_sums(to)
        self.stdout.write(json.dumps(figures, indent=2))


def _figures(
    data: Path, model: Path, seed: int, *, split: str, more: tuple[str, ...] = ()
) -> dict[str, Any]:
    import io

    out = io.StringIO()
    asked: dict[str, Any] = {"data": data, "model": model, "seed": seed, "split": split}
    call_command("xray_eval", **asked, **dict.fromkeys(more, True), json=True, stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def _told(training: dict[str, Any]) -> str:
    lines = [
        training["command"],
        "",
        *(f"{name}: {value}" for name, value in training.items() if name != "command"),
        "",
        "manage.py xray_package --run RUN --data KERMANY --external NIH",
    ]
    return "\n".join(lines) + "\n"
