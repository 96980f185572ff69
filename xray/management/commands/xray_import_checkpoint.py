"""`manage.py xray_import_checkpoint`: a classifier from outside as a draft version."""

from __future__ import annotations

import shlex
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from project.errors import ServiceError
from xray.management.version_argument import VersionCommand

# What torchvision's weights, and most networks trained from them, were given.
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Command(VersionCommand):
    """The draft serves nobody until it is calibrated, evaluated and activated."""

    help = "Import a ResNet-50 (.pth with tensors only, or .safetensors) as a draft version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What a foreign file cannot say; a file of `xray_train` says it itself."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--version", default=None, help="default: the name of the file")
        parser.add_argument("--px", type=int, default=224, help="side of the input in pixels")
        parser.add_argument(
            "--mean", type=_tones, default=IMAGENET_MEAN, help="one number or three"
        )
        parser.add_argument("--std", type=_tones, default=IMAGENET_STD, help="one number or three")
        parser.add_argument("--classes", default=None, help="in the file's order, with commas")
        parser.add_argument("--trained-on", default="", help="shown in every report")

    def handle(self, *args: Any, **given: Any) -> None:
        """Read, keep, tell what comes next."""
        del args
        from xray.pipeline.checkpoint import CheckpointError
        from xray.pipeline.imported import Given
        from xray.services.import_version import import_version

        file: Path = given["file"]
        version = given["version"] or file.stem
        if not file.is_file():
            raise CommandError(f"{file} is not there")
        if not 32 <= given["px"] <= 1024 or min(given["std"]) <= 0:
            raise CommandError("--px lies between 32 and 1024, --std above 0")
        if {len(given["mean"]), len(given["std"])} - {1, 3}:
            raise CommandError("--mean and --std take one number, or three with commas")
        try:
            row = import_version(
                path=file,
                version=version,
                given=Given(
                    px=given["px"],
                    mean=given["mean"],
                    std=given["std"],
                    classes=tuple(given["classes"].split(",")) if given["classes"] else None,
                ),
                command=shlex.join(["manage.py", "xray_import_checkpoint", *sys.argv[2:]]),
                trained_on=given["trained_on"],
            )
        except CheckpointError as error:
            raise CommandError(str(error)) from error
        except ServiceError as error:
            raise CommandError(str(error.detail)) from error
        self.stdout.write(f"{row}: a draft, sha256 {row.sha256}")
        self.stdout.write("It is not calibrated and nothing is known of how good it is. Next:")
        name = shlex.quote(row.version)
        self.stdout.write(f"  manage.py xray_calibrate --version {name} --data FOLDER_OR_TAR")
        self.stdout.write(
            f"  manage.py xray_eval --version {name} --data FOLDER_OR_TAR --formats --save"
        )
        self.stdout.write("Then activate it in the admin, under model versions.")


def _tones(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not one number or three with commas") from error
