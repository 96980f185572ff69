"""`manage.py xray_eval`: every figure of a classifier on labelled films, with its interval."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from project.errors import ServiceError
from xray.management.data_argument import SPLITS, add_data_argument, opened_pack, rows_of
from xray.management.version_argument import VersionCommand, change_draft, draft, stored_version
from xray.pipeline.calibration import POINTS, Calibration, NotCalibrated
from xray.services.goals import HELD_OUT, missed_goals
from xray.services.import_version import file_of
from xray.services.shipped import WEIGHTS, shipped_classifier

if TYPE_CHECKING:
    from torch import nn

    from xray.models import ModelVersion
    from xray.pipeline.checkpoint import InputSpec

CAM_FILMS = 50


class Command(VersionCommand):
    """Top-level keys of `--json`: auc, accuracy, sensitivity, specificity, ece, brier, n, ci."""

    help = "Evaluate the classifier on a folder or tar with labels.csv."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which films, which classifier, which operating point."""
        add_data_argument(parser)
        parser.add_argument("--split", choices=SPLITS, default=None)
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--model", type=Path, default=None, help="default: the shipped one")
        which.add_argument("--version", default=None, help="a version of the registry")
        parser.add_argument("--point", choices=POINTS, default=None, help="default: screening")
        parser.add_argument("--seed", type=int, default=0, help="that of the training")
        parser.add_argument("--cam", action="store_true", help="also mask the heat maps")
        parser.add_argument(
            "--formats", action="store_true", help="also hold the fast formats against float32"
        )
        parser.add_argument(
            "--save",
            action="store_true",
            help="keep the figures in the row of a draft version; without --version and with"
            " --formats, what was found of the formats in metrics.json of the shipped one",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **given: Any) -> None:
        """Score, print."""
        del args
        from xray.pipeline.classifier import FilmClassifier
        from xray.training.evaluate import evaluate, film_logits, framed_films
        from xray.training.formats import format_differences
        from xray.training.masking import masking_effect

        pack = opened_pack(given)
        split, rows = rows_of(pack, given["split"], seed=given["seed"])
        if not rows:
            raise CommandError(f"{pack.name} has no film in the part {split}")
        row = _row(given)
        if given["save"] and not _is_held_out(split, {film.split for film in pack.rows}):
            raise CommandError(f"--save wants films that taught nothing, not the part {split}")
        point = given["point"] or (row.point_name if row else "screening")
        if given["save"] and row is not None and point != row.point_name:
            raise CommandError(f"{row} serves at the {row.point_name} point, not at {point}")
        network, spec, calibration, name = _opened(row, given["model"] or shipped_classifier())
        classifier = FilmClassifier(network, spec)
        films = framed_films(pack, rows, spec)
        logits = film_logits(classifier, films)
        try:
            result = evaluate(logits, rows, calibration, point=point, seed=given["seed"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        result |= {"data": pack.name, "split": split, "model": name}
        if given["cam"]:
            labelled = zip(films, rows, strict=True)
            sick = [pixels.numpy() for pixels, film in labelled if film.sick]
            result["cam"] = masking_effect(classifier, sick[:CAM_FILMS], calibration)
        if given["formats"]:
            result["formats"] = format_differences(network, spec, films, calibration)
        if given["save"] and row is not None:
            change_draft(row, metrics={"holdout": result})
        elif given["save"]:
            _keep_evidence(result["formats"])
        if given["json"]:
            self.stdout.write(json.dumps(result, indent=2))
            return
        self._tell(result)
        if given["save"]:
            self._tell_saved(row)

    def _tell(self, result: dict[str, Any]) -> None:
        point = result["operating_point"]
        self.stdout.write(
            f"{result['data']}, {result['split']}: {result['n']} films, {result['sick']} sick;"
            f" {point['name']} point {point['probability']:.3f}"
        )
        for name, (low, high) in result["ci"].items():
            self.stdout.write(f"{name:12} {result[name]:.3f}  ({low:.3f} to {high:.3f})")
        for name in ("by_view", "cam", "formats"):
            if name in result:
                self.stdout.write(f"{name}: {json.dumps(result[name])}")

    def _tell_saved(self, row: ModelVersion | None) -> None:
        if row is None:
            self.stdout.write("kept in metrics.json; the next migrate takes it into the registry")
            return
        row.refresh_from_db()
        missed = "; ".join(one.told() for one in missed_goals(row))
        self.stdout.write(
            f"kept in {row}; it may not serve, it misses {missed}"
            if missed
            else f"kept in {row}; it can be activated in the admin"
        )


def _row(given: dict[str, Any]) -> ModelVersion | None:
    """The version of the registry that is meant, if one is. Raises CommandError."""
    ships = given["formats"] and given["model"] is None
    if given["save"] and not given["version"] and not ships:
        raise CommandError("--save needs --version: a draft of the registry")
    if not given["version"]:
        return None
    return draft(given["version"]) if given["save"] else stored_version(given["version"])


def _keep_evidence(found: dict[str, Any]) -> None:
    """Into metrics.json of the shipped classifier; formats that could not run here stay."""
    from xray.training.package import write_json, write_sums

    path = WEIGHTS / "metrics.json"
    metrics = json.loads(path.read_text("utf-8"))
    metrics["figures"]["holdout"].setdefault("formats", {}).update(found)
    write_json(path, metrics)
    write_sums(WEIGHTS)


def _is_held_out(split: str, named: set[str]) -> bool:
    """A pack without training rows may be taken whole."""
    return split in HELD_OUT and not (split == "all" and "train" in named)


def _opened(row: ModelVersion | None, path: Path) -> tuple[nn.Module, InputSpec, Calibration, str]:
    """Network, input, calibration and name, from a row or a file. Raises CommandError."""
    from xray.pipeline.checkpoint import CheckpointError, load_classifier, read_calibration

    try:
        if row is None:
            return *load_classifier(path), read_calibration(path), path.name
        with file_of(row) as stored:
            return *load_classifier(stored), Calibration.of_json(row.calibration), str(row)
    except NotCalibrated as error:
        raise CommandError(f"{row}: run xray_calibrate first ({error})") from error
    except CheckpointError as error:
        raise CommandError(str(error)) from error
    except ServiceError as error:
        raise CommandError(str(error.detail)) from error
