"""`manage.py enhance`: enlarge files in this process, or on another server."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from enhance.cli.arguments import WrongUsage, add_arguments, asked_options, parsed_options
from enhance.cli.ask import ask_for_work
from enhance.cli.files import Work, plan_work
from enhance.cli.here import enlarge_here
from enhance.cli.outcome import Outcome
from enhance.cli.progress import ProgressBar
from enhance.cli.there import enlarge_there
from enhance.client import Omnilens
from project.inference.errors import InferenceError

SOME_FAILED, USAGE = 1, 2


class Command(BaseCommand):
    """Exit code 0: all enlarged; 1: some failed; 2: wrong usage. The work is in enhance/cli."""

    help = "Enlarge pictures: files, folders, or what glob patterns match; asks without arguments."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """As in the API, and where the work is done."""
        add_arguments(parser)

    def handle(self, *args: Any, **given: Any) -> None:
        """Enlarge one file after the other; a bad file does not stop the rest."""
        del args
        try:
            given = self._completed(given)
            parsed_options(given)  # wrong usage is told before a folder is made
            work = plan_work(given["inputs"], given["output"])
            outcomes = self._outcomes(given, work)
            work.make_folder()
        except WrongUsage as error:
            raise CommandError(str(error), returncode=USAGE) from error
        try:
            failed = sum(not self._tell(outcome) for outcome in outcomes)
        except InferenceError as error:  # no device: that is nobody's picture
            raise CommandError(f"{error.code}: {error.detail}", returncode=SOME_FAILED) from error
        if failed:
            raise CommandError(f"{failed} of {len(work.files)} failed", returncode=SOME_FAILED)

    def _completed(self, given: dict[str, Any]) -> dict[str, Any]:
        given = {**given, "inputs": [*given["inputs"], *given["input"]]}
        if not given["inputs"] and given["output"] is None and sys.stdin.isatty():
            try:
                return ask_for_work(given, ask=input, say=self.stdout.write)
            except (EOFError, KeyboardInterrupt) as error:
                raise CommandError("Nothing was done.", returncode=USAGE) from error
        if not given["inputs"]:
            raise WrongUsage("name a picture, a folder or a pattern")
        if given["output"] is None:
            raise WrongUsage("say with -o where the result goes")
        return given

    def _outcomes(self, given: Mapping[str, Any], work: Work) -> Iterator[Outcome]:
        numbers = {file: number for number, file in enumerate(work.files, start=1)}

        def bar(file: Path) -> ProgressBar:
            place = f" {numbers[file]}/{len(numbers)}" if len(numbers) > 1 else ""
            return ProgressBar(self.stderr, label=f"{file.name}{place}")

        if given["remote"]:
            return enlarge_there(
                work, asked_options(given), client=_client(given["remote"]), bar=bar
            )
        return enlarge_here(
            work, parsed_options(given), quality_is_open=given["quality_level"] is None, bar=bar
        )

    def _tell(self, outcome: Outcome) -> bool:
        """One line for each picture; whether it was written."""
        if outcome.path is None:
            self.stderr.write(self.style.ERROR(f"{outcome.source}: {outcome.problem}"))
            return False
        width, height = outcome.size
        self.stdout.write(f"{outcome.path}\t{width}x{height}\t{outcome.seconds:.1f} s")
        for warning in outcome.warnings:
            self.stderr.write(f"  warning: {warning}", self.style.WARNING)
        return True


def _client(url: str) -> Omnilens:
    """Raises WrongUsage."""
    if not settings.REMOTE_TOKEN:
        raise WrongUsage("--remote needs an API token in OMNILENS_REMOTE_TOKEN")
    try:
        return Omnilens(url, settings.REMOTE_TOKEN)
    except ValueError as error:
        raise WrongUsage(str(error)) from error
