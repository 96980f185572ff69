"""Handing on a bell that this worker heard in vain.

A worker that keeps its last threads for others, or drains, takes the bell from the broker and
leaves the job. Without the relay, workers with room would sleep until the sweeper rings again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from project.jobs.claim import claimable
from project.jobs.dispatch import ring
from project.jobs.models import Worker
from project.jobs.presence import SEEN_WITHIN

# Redis wakes who has waited longest, so one hop reaches another worker. Where all are full the
# bell must not circle between them; a machine so busy that a hop takes this long has no room.
INTERVAL = timedelta(seconds=2)


class Relay:
    """At most one bell per `INTERVAL` and process. Threads share it."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rang_at = float("-inf")

    def pass_on(self, *, worker: str, now: datetime | None = None) -> bool:
        """Ring for the job that has waited longest, if there is one and another worker lives."""
        now = now or timezone.now()
        job = claimable(now).order_by("created_at").values_list("pk", flat=True).first()
        others = Worker.objects.filter(ready=True, last_seen__gte=now - SEEN_WITHIN)
        if job is None or not others.exclude(name=worker).exists():
            return False
        with self._lock:
            if self._clock() - self._rang_at < INTERVAL.total_seconds():
                return False
            self._rang_at = self._clock()
        return ring(job, now=now)


worker_relay = Relay()
