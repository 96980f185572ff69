"""`manage.py schedule`: the one process that sweeps jobs and runs periodic work."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from project import periodic

SWEEP_EVERY = timedelta(seconds=2)


class Command(BaseCommand):
    """The sweeper with all prompt work in one thread, the rest in another: looking for orphan
    files may take minutes, and a lost job must not wait for it. A stop is noticed between two
    items."""

    help = "Sweep jobs every 2 s and run the periodic work that rooms have registered."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until SIGTERM or SIGINT."""
        from project.jobs.sweep import sweep

        stop = periodic.stop_on_signals()

        def scheduler(items: Iterable[periodic.PeriodicWork]) -> periodic.Scheduler:
            return periodic.Scheduler(
                items, clock=time.monotonic, wait=stop.wait, around=close_old_connections
            )

        items = periodic.registered()
        slow = [item for item in items if not item.is_prompt]
        housekeeping = threading.Thread(target=scheduler(slow).run)
        housekeeping.start()
        sweeping = periodic.PeriodicWork(name="sweep-jobs", every=SWEEP_EVERY, function=sweep)
        scheduler([sweeping, *(item for item in items if item.is_prompt)]).run()
        housekeeping.join()
