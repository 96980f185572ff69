"""`manage.py sweep_jobs`: the sweeper alone, or one sweep by hand."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from project.jobs.sweep import sweep
from project.jobs.sweeper_lock import sweeper_lock

INTERVAL_SECONDS = 2.0


class Command(BaseCommand):
    """Arguments and the loop; the work is in project/jobs/sweep.py."""

    help = "Find jobs that no worker was told about or that were dropped; one replica works."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sweep, or until a signal."""
        parser.add_argument("--once", action="store_true", help="sweep once and print the counts")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep every two seconds until SIGTERM; two replicas never sweep at once."""
        if options["once"]:
            self.stdout.write(str(sweep()))
            return
        stop = threading.Event()

        def remember(number: int, frame: FrameType | None) -> None:
            del number, frame
            stop.set()

        signal.signal(signal.SIGTERM, remember)
        signal.signal(signal.SIGINT, remember)
        while not stop.is_set():
            # Taken for each sweep: a connection that is closed in between gives the lock up.
            with sweeper_lock() as is_mine:
                if is_mine:
                    sweep()
            close_old_connections()
            stop.wait(INTERVAL_SECONDS)
