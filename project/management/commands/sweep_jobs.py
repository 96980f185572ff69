"""`manage.py sweep_jobs`: the sweeper alone, or one sweep by hand."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from project import periodic
from project.jobs.sweep import sweep
from project.jobs.sweeper_lock import sweeper_lock

SWEEP_EVERY = timedelta(seconds=2)


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
        sweeping = periodic.PeriodicWork(
            name="sweep-jobs", every=SWEEP_EVERY, function=_sweep_if_alone
        )
        periodic.Scheduler(
            [sweeping],
            clock=time.monotonic,
            wait=periodic.stop_on_signals().wait,
            around=close_old_connections,
        ).run()


def _sweep_if_alone() -> None:
    # Taken for each sweep: a connection that is closed in between gives the lock up.
    with sweeper_lock() as is_mine:
        if is_mine:
            sweep()
