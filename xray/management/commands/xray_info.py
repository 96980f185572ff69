"""`manage.py xray_info`: what a classifier is made of and what it is worth."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from project.errors import ServiceError
from xray.management.version_argument import VersionCommand, stored_version
from xray.services.goals import missed_goals
from xray.services.import_version import file_of
from xray.services.versions import NAME, active_version

MODELS = {"resnet50": NAME}


class Command(VersionCommand):
    """Of the active version, or of any by its name."""

    help = "Show parameters, layers, input, hash, figures and operating points of a classifier."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which one, and how to print it."""
        parser.add_argument("--model_name", choices=sorted(MODELS), default="resnet50")
        parser.add_argument("--version", default=None, help="default: the active one")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **given: Any) -> None:
        """Read the file and the row."""
        del args
        from xray.pipeline.checkpoint import CheckpointError, load_classifier
        from xray.pipeline.describe import describe

        try:
            row = stored_version(given["version"]) if given["version"] else active_version()
            with file_of(row) as path:
                network, spec = load_classifier(path)
                size = path.stat().st_size
        except ServiceError as error:
            raise CommandError(str(error.detail)) from error
        except CheckpointError as error:
            raise CommandError(str(error)) from error
        told = {
            "model": given["model_name"],
            "name": row.name,
            "version": row.version,
            "status": row.status,
            "sha256": row.sha256,
            "file_bytes": size,
            **describe(network, spec),
            "calibration": row.calibration,
            "operating_point": row.point_name,
            "metrics": row.metrics,
            "missed_goals": [one.told() for one in missed_goals(row)],
            "data_sha256": row.data_sha256,
            "command": row.command,
            "trained_on": row.trained_on,
        }
        if given["json"]:
            self.stdout.write(json.dumps(told, indent=2))
            return
        for name, value in told.items():
            shown = value if isinstance(value, str) else json.dumps(value)
            self.stdout.write(f"{name:16} {shown}")
