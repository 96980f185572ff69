"""`manage.py errors_table`: write docs/api/errors.md."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from project.api.error_table import error_table


class Command(BaseCommand):
    """Write the list of error codes from the catalogue."""

    help = "Write docs/api/errors.md from the catalogue of error codes."

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace the file."""
        target = settings.BASE_DIR / "docs" / "api" / "errors.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(error_table(), encoding="utf-8")
        self.stdout.write(str(target))
