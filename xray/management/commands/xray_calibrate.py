"""`manage.py xray_calibrate`: temperature and operating points, into the file or a draft's row."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from project.errors import ServiceError
from xray.management.data_argument import add_data_argument, opened_pack, rows_of
from xray.management.version_argument import VersionCommand, change_draft, draft


class Command(VersionCommand):
    """The calibration films are those that `xray_train` left out for this; no other is read."""

    help = "Fit temperature and operating points on the calibration films."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The seed must be that of the training: it parts the films."""
        add_data_argument(parser)
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--model", type=Path, help="classifier.safetensors")
        which.add_argument("--version", help="a draft version of the registry")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: Any, **given: Any) -> None:
        """Score the films and changed copies of them, choose, write."""
        del args
        import numpy as np

        from xray.pipeline.checkpoint import CheckpointError, load_classifier, write_calibration
        from xray.pipeline.classifier import FilmClassifier
        from xray.services.import_version import file_of
        from xray.training.calibrate import calibrate, changed_copies
        from xray.training.evaluate import film_logits, framed_films

        pack = opened_pack(given)
        _, rows = rows_of(pack, "calibration", seed=given["seed"])
        row = draft(given["version"]) if given["version"] else None
        try:
            with nullcontext(given["model"]) if row is None else file_of(row) as path:
                network, spec = load_classifier(path)
        except CheckpointError as error:
            raise CommandError(str(error)) from error
        except ServiceError as error:
            raise CommandError(str(error.detail)) from error
        classifier = FilmClassifier(network, spec)
        films = framed_films(pack, rows, spec)
        plain = film_logits(classifier, films)
        copies = [
            film_logits(classifier, changed)
            for changed in changed_copies(films, seed=given["seed"])
        ]
        repeats = 1 + len(copies)
        sick = np.array([film.sick for film in rows])
        calibration = calibrate(
            plain=plain,
            fitted_on=np.concatenate([plain, *copies]),
            sick=sick,
            fitted_sick=np.tile(sick, repeats),
            fitted_groups=[film.group for film in rows] * repeats,
            seed=given["seed"],
        )
        if row is None:
            write_calibration(given["model"], calibration)
        else:  # figures that were taken with another calibration say nothing any more
            change_draft(row, calibration=calibration.as_json(), metrics={})
        self.stdout.write(json.dumps(calibration.as_json(), indent=2))
