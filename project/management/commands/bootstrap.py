"""`manage.py bootstrap`: the first administrator and the bootstrap token, where `up` is not used."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from project.management.first_accounts import FirstAccounts


class Command(BaseCommand):
    """Runs again without effect; what it makes is told once, on standard output."""

    help = "Make the first accounts, as `up` does, and accept OMNILENS_BOOTSTRAP_TOKEN."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the sign-in of the administrator that was made, if one was."""
        accounts = FirstAccounts(settings.VAR_DIR)
        accounts.ensure()
        for line in accounts.lines() or ["Nothing to do: there is an administrator."]:
            self.stdout.write(line)
