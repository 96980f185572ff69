"""`manage.py schedule`: the one process that sweeps jobs and runs periodic work."""

from __future__ import annotations

import signal
import threading
import time
from datetime import timedelta
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from project import periodic

SWEEP_EVERY = timedelta(seconds=2)


class Command(BaseCommand):
    """Sweeper and periodic work in one thread; a stop is noticed between two items."""

    help = "Sweep jobs every 2 s and run the periodic work that rooms have registered."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until SIGTERM or SIGINT."""
        from project.jobs.sweep import sweep

        stop = threading.Event()

        def remember(number: int, frame: FrameType | None) -> None:
            del number, frame
            stop.set()

        signal.signal(signal.SIGTERM, remember)
        signal.signal(signal.SIGINT, remember)
        sweeping = periodic.PeriodicWork(name="sweep-jobs", every=SWEEP_EVERY, function=sweep)
        periodic.Scheduler(
            [sweeping, *periodic.registered()],
            clock=time.monotonic,
            wait=stop.wait,
            around=close_old_connections,
        ).run()
