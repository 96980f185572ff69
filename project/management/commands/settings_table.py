"""`manage.py settings_table`: write docs/operating/settings.md."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from project.settings import table


class Command(BaseCommand):
    """The page is generated so that no setting is ever missing from it."""

    help = "Write docs/operating/settings.md from the declarations of the settings."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Only `--check`."""
        parser.add_argument("--check", action="store_true", help="exit 1 when the page is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the page, or compare it."""
        page = settings.BASE_DIR / "docs" / "operating" / "settings.md"
        text = table.render()
        if options["check"]:
            if not page.is_file() or page.read_text(encoding="utf-8") != text:
                self.stderr.write(f"{page} is stale; run `manage.py settings_table`.")
                sys.exit(1)
            return
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
        self.stdout.write(f"wrote {page}")
