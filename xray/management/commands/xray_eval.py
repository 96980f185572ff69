"""`manage.py xray_eval`: every figure of a classifier on labelled films, with its interval."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from xray.management.data_argument import SPLITS, add_data_argument, opened_pack, rows_of
from xray.pipeline.calibration import POINTS
from xray.services.shipped import shipped_classifier

CAM_FILMS = 50


class Command(BaseCommand):
    """Top-level keys of `--json`: auc, accuracy, sensitivity, specificity, ece, brier, n, ci."""

    help = "Evaluate the classifier on a folder or tar with labels.csv."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which films, which classifier, which operating point."""
        add_data_argument(parser)
        parser.add_argument("--split", choices=SPLITS, default=None)
        parser.add_argument("--model", type=Path, default=None, help="default: the shipped one")
        parser.add_argument("--point", choices=POINTS, default="screening")
        parser.add_argument("--seed", type=int, default=0, help="that of the training")
        parser.add_argument("--cam", action="store_true", help="also mask the heat maps")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **given: Any) -> None:
        """Score, print."""
        del args
        from xray.pipeline.checkpoint import CheckpointError, load_classifier, read_calibration
        from xray.pipeline.classifier import FilmClassifier
        from xray.training.evaluate import evaluate, film_logits, framed_films
        from xray.training.masking import masking_effect

        pack = opened_pack(given)
        split, rows = rows_of(pack, given["split"], seed=given["seed"])
        if not rows:
            raise CommandError(f"{pack.name} has no film in the part {split}")
        path = given["model"] or shipped_classifier()
        try:
            network, spec = load_classifier(path)
            calibration = read_calibration(path)
        except CheckpointError as error:
            raise CommandError(str(error)) from error
        classifier = FilmClassifier(network, spec)
        films = framed_films(pack, rows, spec)
        logits = film_logits(classifier, films)
        try:
            result = evaluate(logits, rows, calibration, point=given["point"], seed=given["seed"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        result |= {"data": pack.name, "split": split, "model": path.name}
        if given["cam"]:
            sick = [film.numpy() for film, row in zip(films, rows, strict=True) if row.sick]
            result["cam"] = masking_effect(classifier, sick[:CAM_FILMS], calibration)
        if given["json"]:
            self.stdout.write(json.dumps(result, indent=2))
            return
        self._tell(result)

    def _tell(self, result: dict[str, Any]) -> None:
        point = result["operating_point"]
        self.stdout.write(
            f"{result['data']}, {result['split']}: {result['n']} films, {result['sick']} sick;"
            f" {point['name']} point {point['probability']:.3f}"
        )
        for name, (low, high) in result["ci"].items():
            self.stdout.write(f"{name:12} {result[name]:.3f}  ({low:.3f} to {high:.3f})")
        for name in ("by_view", "cam"):
            if name in result:
                self.stdout.write(f"{name}: {json.dumps(result[name])}")
