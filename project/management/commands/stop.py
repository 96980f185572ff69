"""`manage.py stop`: end the stack that runs on this data directory."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project.supervisor import lock

STOP_SECONDS = 60.0
POLL_SECONDS = 0.1


class Command(BaseCommand):
    """Signals the supervisor that the lock names and waits for its end."""

    help = "Stop the running stack; does nothing when none runs."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 0 when nothing runs any more, 1 when it does not stop."""
        holder = lock.holder(settings.VAR_DIR)
        if holder is None:
            self.stdout.write(f"Omnilens does not run on {settings.VAR_DIR}.")
            return
        os.kill(holder.pid, signal.SIGTERM)
        give_up = time.monotonic() + STOP_SECONDS
        while holder.is_alive():
            if time.monotonic() > give_up:
                raise CommandError(f"pid {holder.pid} did not stop within {STOP_SECONDS:.0f} s.")
            time.sleep(POLL_SECONDS)
        self.stdout.write("Omnilens has stopped.")
