"""`manage.py credentials FILE`: what a picture says of its origin, and whether it still holds."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from project.images.credentials import CannotRead, Credentials, State, read_credentials
from project.images.credentials.formats import format_of
from project.images.credentials.read import Action
from project.images.marking import read_marking

NOTHING_FOUND = 2
SENTENCES = {
    State.VALID: "Intact, signed by somebody whom this installation's authorities vouch for.",
    State.UNTRUSTED: "Intact, but nobody known here vouches for the signer.",
    State.INVALID: "INVALID: the file was changed after it was signed, or its signature does "
    "not count.",
}


class Command(BaseCommand):
    """Prints; the reading is done in project/images/credentials."""

    help = "Print the content credentials (C2PA) of a picture and whether they still hold."
    requires_system_checks = ()  # a broken key of ours keeps nobody from reading a file

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file and the machine-readable form."""
        parser.add_argument("file", type=Path, help="PNG, JPEG, WEBP or TIFF")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 0: intact; 1: invalid; 2: no credentials, or no file that may have any."""
        path: Path = options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=NOTHING_FOUND) from error
        format = format_of(content)
        if format is None:
            raise CommandError(
                f"{path} is no PNG, JPEG, WEBP or TIFF file.", returncode=NOTHING_FOUND
            )
        try:
            found = read_credentials(content, format)
        except CannotRead as error:
            raise CommandError(error.detail, returncode=NOTHING_FOUND) from error
        mark = _mark(content)
        if options["json"]:
            shown = None if found is None else asdict(found) | {"source_type": found.source_type}
            self.stdout.write(json.dumps({"iptc": mark, "credentials": shown}, indent=2))
        else:
            self._print(found, mark)
        if found is None:
            sys.exit(NOTHING_FOUND)
        if found.state is State.INVALID:
            sys.exit(1)

    def _print(self, found: Credentials | None, mark: str) -> None:
        self.stdout.write(f"IPTC mark:  {mark or 'none'}")
        if found is None:
            self.stdout.write("Credentials: none")
            return
        lines = [
            ("State", SENTENCES[found.state]),
            ("Signed by", found.signer),
            ("Made with", found.generator),
            ("Title", found.title),
        ]
        lines += [("Problem", code) for code in found.problems]
        for action in found.actions:
            lines.append(("Action", action.name))
            lines += [("", f"  {line}") for line in _details(action)]
        for label, text in lines:
            if text:
                self.stdout.write(f"{label + ':' if label else '':<12}{text}")


def _details(action: Action) -> list[str]:
    named = {"by": action.software, "as": action.source_type, **action.parameters}
    described = [action.description] if action.description else []
    return described + [f"{name}: {text}" for name, text in named.items() if text]


def _mark(content: bytes) -> str:
    try:
        marking = read_marking(content)
    except ValueError:  # damaged, or a kind of file that carries no mark we can read
        return ""
    return marking.source_type if marking else ""
