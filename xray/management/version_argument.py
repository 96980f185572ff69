"""`--version NAME` of the commands around training: a classifier of the registry."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from xray.choices import VersionStatus
from xray.models import ModelVersion
from xray.services.versions import NAME


class VersionCommand(BaseCommand):
    """A command whose `--version` is not Django's own."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Let the command's option take the place of the one that every command has."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)


def stored_version(name: str) -> ModelVersion:
    """The row. Raises CommandError."""
    row = ModelVersion.objects.filter(name=NAME, version=name).first()
    if row is None:
        there = ", ".join(ModelVersion.objects.filter(name=NAME).values_list("version", flat=True))
        raise CommandError(f"no version is called {name}; there are: {there or 'none'}")
    return row


def draft(name: str) -> ModelVersion:
    """A row that may still change. Raises CommandError."""
    row = stored_version(name)
    if row.status != VersionStatus.DRAFT:
        raise CommandError(f"{row} is {row.status}: only a draft changes")
    return row


def change_draft(row: ModelVersion, **fields: Any) -> None:
    """Write fields, unless the row was activated or retired meanwhile. Raises CommandError."""
    rows = ModelVersion.objects.filter(pk=row.pk, status=VersionStatus.DRAFT)
    if not rows.update(**fields):
        raise CommandError(f"{row} is no draft any more")
