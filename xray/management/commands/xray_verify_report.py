"""`manage.py xray_verify_report`: whether a report.json is ours and unchanged."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from xray.choices import ReportState
from xray.exports.json_report import Verdict, digest_of, verify
from xray.models import Report

NOT_GENUINE, USAGE = 1, 2
LARGEST_BYTES = 1 << 20
REASONS = {
    Verdict.NO_REPORT: "This is no report: JSON with an envelope and its `signature` is wanted.",
    Verdict.CHANGED: "The report was changed after it was sealed.",
    Verdict.UNKNOWN_KEY: (
        "The seal is of no key of this installation: the file is from elsewhere, forged, or sealed "
        "with a SECRET_KEY that is not among SECRET_KEY_FALLBACKS."
    ),
}


class Command(BaseCommand):
    """Exit code 0: genuine; 1: it is not; 2: the file cannot be read."""

    help = "Verify the seal of a report.json of this installation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what the file is, and whether a later version replaced it."""
        del args
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=USAGE) from error
        if len(content) > LARGEST_BYTES:
            raise CommandError(f"{path}: larger than any report", returncode=USAGE)
        verdict = verify(content)
        if verdict is not Verdict.GENUINE:
            raise CommandError(REASONS[verdict], returncode=NOT_GENUINE)
        self.stdout.write(f"genuine: sealed by this installation, {_standing(digest_of(content))}")


def _standing(digest: str) -> str:
    report = Report.objects.filter(digest=digest).first()
    if report is None:
        return "and not stored here any more"
    state = ReportState(report.state)
    if state is ReportState.SUPERSEDED:
        return f"version {report.number} of its study, since replaced by a later one"
    return f"version {report.number} of its study, {state.value}"
