"""`manage.py xray_calibrate`: temperature and operating points, into the classifier's file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from xray.management.data_argument import add_data_argument, opened_pack, rows_of


class Command(BaseCommand):
    """The calibration films are those that `xray_train` left out for this; no other is read."""

    help = "Fit temperature and operating points on the calibration films."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The seed must be that of the training: it parts the films."""
        add_data_argument(parser)
        parser.add_argument("--model", type=Path, required=True, help="classifier.safetensors")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: Any, **given: Any) -> None:
        """Score the films and changed copies of them, choose, write."""
        del args
        import numpy as np

        from xray.pipeline.checkpoint import CheckpointError, load_classifier, write_calibration
        from xray.pipeline.classifier import FilmClassifier
        from xray.training.calibrate import calibrate, changed_copies
        from xray.training.evaluate import film_logits, framed_films

        pack = opened_pack(given)
        _, rows = rows_of(pack, "calibration", seed=given["seed"])
        try:
            network, spec = load_classifier(given["model"])
        except CheckpointError as error:
            raise CommandError(str(error)) from error
        classifier = FilmClassifier(network, spec)
        films = framed_films(pack, rows, spec)
        plain = film_logits(classifier, films)
        copies = [
            film_logits(classifier, changed)
            for changed in changed_copies(films, seed=given["seed"])
        ]
        repeats = 1 + len(copies)
        sick = np.array([row.sick for row in rows])
        calibration = calibrate(
            plain=plain,
            fitted_on=np.concatenate([plain, *copies]),
            sick=sick,
            fitted_sick=np.tile(sick, repeats),
            fitted_groups=[row.group for row in rows] * repeats,
            seed=given["seed"],
        )
        write_calibration(given["model"], calibration)
        self.stdout.write(json.dumps(calibration.as_json(), indent=2))
