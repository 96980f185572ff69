"""`manage.py xray_llm_check`: whether the language model server does what reports need."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from project.sealing import CannotUnseal
from xray.choices import Language
from xray.models import LlmBackend
from xray.services.llm_backend import current_backend, server_of
from xray.services.llm_check import examine
from xray.services.llm_status import SECRET_UNREADABLE, check_backend
from xray.services.llm_words import explain

FAILED, USAGE = 1, 2


class Command(BaseCommand):
    """Exit code 0: a report was accepted; 1: a step failed; 2: there is no such server."""

    help = "Try the language model server: connection, model, schema, one verified report."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which server, which language."""
        parser.add_argument("--name", help="of the server in the admin; default: the one in use")
        parser.add_argument("--language", choices=Language.values, default=Language.ENGLISH)

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each step, with its time."""
        del args
        row = _row(options["name"])
        self.stdout.write(f"server      {row.name}: {row.kind} at {row.base_url}")
        try:
            server = server_of(row)
        except CannotUnseal as error:
            raise CommandError(explain(SECRET_UNREADABLE), returncode=FAILED) from error
        is_well = False
        for step in examine(server, language=options["language"]):
            is_well = step.is_well
            state = "ok" if is_well else "FAILED"
            self.stdout.write(f"{step.name:<11} {state:<6} {step.seconds:6.2f} s  {step.detail}")
        check_backend(row)
        if not is_well:
            raise CommandError("Reports stay structured until this is mended.", returncode=FAILED)


def _row(name: str | None) -> LlmBackend:
    row = LlmBackend.objects.filter(name=name).first() if name else current_backend()
    if row is None:
        raise CommandError(
            "No such language model server. Add one in the admin, or with PUT /api/v1/xray/llm/.",
            returncode=USAGE,
        )
    return row
