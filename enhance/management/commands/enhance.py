"""`manage.py enhance`: enlarge files in this process, without server, queue or database."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rest_framework.exceptions import ValidationError

from enhance.forms import field_errors
from enhance.options import AUTO_MODEL, MODEL_NAMES, OUTPUT_FORMATS, EnhanceOptions
from enhance.policy import UPLOADS
from enhance.serializers import parse_options
from enhance.services.device import default_quality
from project.errors import ServiceError
from project.inference.context import RunContext
from project.inference.errors import InferenceError
from project.inference.run import LocalRun
from project.inference.runtime import worker_runtime

SOME_FAILED, USAGE = 1, 2


class Command(BaseCommand):
    """Exit code 0: all enlarged; 1: some failed; 2: wrong usage."""

    help = "Enlarge a picture, a folder of pictures, or what a glob pattern matches."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options have the names and defaults of the API."""
        parser.add_argument("input", help="file, folder or glob pattern")
        parser.add_argument("-o", "--output", required=True, help="file, or folder for several")
        parser.add_argument("--scale", default="4", help="1 to 16")
        parser.add_argument(
            "--quality", dest="quality_level", help="fast or high (default: high with a GPU)"
        )
        parser.add_argument("--model", default=AUTO_MODEL, help=f"one of {', '.join(MODEL_NAMES)}")
        parser.add_argument("--tile-size", default="auto", help="auto, or 64 to 1024")
        parser.add_argument("--tile-pad", default=None, help="pixels around each tile")
        parser.add_argument(
            "--format", dest="output_format", default="same", help=", ".join(OUTPUT_FORMATS)
        )
        parser.add_argument("--jpeg-quality", default="95", help="1 to 100, of JPEG and WEBP")
        parser.add_argument(
            "--strip-metadata",
            dest="keep_metadata",
            action="store_false",
            help="leave out colour profile and EXIF; colours become sRGB",
        )
        parser.add_argument(
            "--keep-gps", action="store_true", help="keep where the photo was taken"
        )
        parser.add_argument(
            "--drop-alpha", dest="alpha", action="store_const", const="drop", default="resize",
            help="leave out transparency",
        )  # fmt: skip

    def handle(self, *args: Any, **given: Any) -> None:
        """Enlarge one file after the other; a bad file does not stop the rest."""
        del args
        options = self._options(given)
        files = self._inputs(given["input"])
        output = Path(given["output"])
        is_folder = len(files) > 1 or Path(given["input"]).is_dir() or output.is_dir()
        if is_folder:
            output.mkdir(parents=True, exist_ok=True)
        elif not output.parent.is_dir():
            raise CommandError(f"there is no folder {output.parent}", returncode=USAGE)
        failed = 0
        self._device = worker_runtime().device.partition(":")[0]
        if given["quality_level"] is None:
            options = replace(options, quality_level=default_quality(self._device))
        with LocalRun(checkpoint=self._show) as run:
            for file in files:
                failed += not self._enlarge_one(run, file, output, options, is_folder=is_folder)
        if failed:
            raise CommandError(f"{failed} of {len(files)} failed", returncode=SOME_FAILED)

    def _options(self, given: Mapping[str, Any]) -> EnhanceOptions:
        names = EnhanceOptions.__dataclass_fields__
        try:
            wanted = {name: given[name] for name in names if given[name] is not None}
            return parse_options(wanted, default_quality="fast")
        except ValidationError as error:
            lines = [f"{name}: {' '.join(texts)}" for name, texts in field_errors(error).items()]
            raise CommandError("; ".join(lines), returncode=USAGE) from error

    def _inputs(self, pattern: str) -> list[Path]:
        path = Path(pattern)
        if path.is_file():
            return [path]
        found = path.iterdir() if path.is_dir() else _matches(path)
        files = sorted(
            file
            for file in found
            if file.is_file() and file.suffix.lower().lstrip(".") in UPLOADS.extensions
        )
        if not files:
            raise CommandError(f"{pattern} names no picture", returncode=USAGE)
        return files

    def _enlarge_one(
        self, run: RunContext, file: Path, output: Path, options: EnhanceOptions, *, is_folder: bool
    ) -> bool:
        from enhance.local import OutputNameMismatch, enlarge_file

        self.stderr.write(str(file))
        try:
            done = enlarge_file(
                run, file, options, output=output, is_folder=is_folder, device=self._device
            )
        except ServiceError as error:
            problem = f"{error.code}: {error.detail}"
        except InferenceError as error:
            problem = f"{error.code}: {error.detail}"
        except OutputNameMismatch as error:
            problem = str(error)
        except OSError as error:
            problem = f"{error.strerror}: {error.filename}"
        else:
            for warning in done.warnings:
                self.stderr.write(f"  warning: {warning}")
            self.stdout.write(f"{done.path}\t{done.width}x{done.height}\t{done.seconds:.1f} s")
            return True
        self.stderr.write(self.style.ERROR(f"  {problem}"))
        return False

    def _show(
        self, stage: str, done: int, total: int, partial: Mapping[str, Any] | None = None
    ) -> None:
        """One line that is overwritten on a terminal; silent in a pipe until a stage ends."""
        del partial
        if self.stderr.isatty():
            end = "\n" if done == total else ""
            self.stderr.write(f"\r  {stage} {done}/{total}   ", ending=end)
        elif done == total:
            self.stderr.write(f"  {stage} {done}/{total}")


def _matches(pattern: Path) -> Iterator[Path]:
    """Files of a glob pattern, relative or absolute."""
    root = pattern.anchor or "."
    return Path(root).glob(str(pattern.relative_to(pattern.anchor)))
