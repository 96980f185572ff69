"""`manage.py doctor`: what is missing, in plain words, with the command that repairs it."""

from __future__ import annotations

import json
import logging
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from project.doctor import (
    credentials,
    deployment,
    installation,
    machine,
    packages,
    rooms,
    self_test,
)
from project.doctor.findings import Finding, Level

MARKS = {Level.OK: "ok     ", Level.WARNING: "warning", Level.ERROR: "ERROR  "}


class Command(BaseCommand):
    """Prints findings; the looking is done in project/doctor."""

    help = "Say what is missing on this machine and which command repairs it."
    requires_system_checks = ()  # its findings report them, one by one

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Production checks and the machine-readable form."""
        parser.add_argument("--production", action="store_true", help="also `check --deploy`")
        parser.add_argument(
            "--self-test", action="store_true", help="only do everything once: enlarge, store, ask"
        )
        parser.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 1 when something must be repaired."""
        found = []
        look = (
            self._self_test() if options["self_test"]
            else self._examine(production=options["production"])
        )  # fmt: skip
        for finding in look:
            found.append(finding)
            if not options["json"]:
                self._print(finding)
        if options["json"]:
            text = json.dumps([finding.as_dict() for finding in found], ensure_ascii=False)
            self.stdout.write(text)
        if any(finding.level is Level.ERROR for finding in found):
            sys.exit(1)

    def _examine(self, *, production: bool) -> Iterator[Finding]:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield from machine.examine(settings.VAR_DIR)
        yield from packages.examine(
            device=settings.DEVICE, cuda_visible=settings.CUDA_VISIBLE_DEVICES
        )
        yield from installation.examine(settings)
        yield from rooms.examine()
        yield from credentials.examine(settings)
        yield from deployment.examine_settings()
        if production:
            yield from deployment.examine_production(settings)

    def _self_test(self) -> Iterator[Finding]:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        logging.disable(logging.INFO)  # what the worker would log of loading
        try:
            yield from self_test.examine(settings)
        finally:
            logging.disable(logging.NOTSET)

    def _print(self, finding: Finding) -> None:
        mark = MARKS[finding.level]
        if finding.level is Level.WARNING:
            mark = self.style.WARNING(mark)
        elif finding.level is Level.ERROR:
            mark = self.style.ERROR(mark)
        self.stdout.write(f"{mark}  {finding.topic}: {finding.text}")
        if finding.repair:
            self.stdout.write(f"         repair: {finding.repair}")
        self.stdout.flush()
