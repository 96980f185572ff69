"""The row by which operators and `/readyz` see this worker."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, close_old_connections, connections
from django.db.models import Q
from django.utils import timezone

from project.inference.model_host import Resident
from project.jobs import states
from project.jobs.drain import Drain
from project.jobs.liveness import Liveness
from project.jobs.models import Job, Worker
from project.jobs.sweep import bells_waiting

logger = logging.getLogger(__name__)

BEAT = timedelta(seconds=5)
SEEN_WITHIN = timedelta(seconds=30)


class Presence:
    """A daemon thread that writes the row of this worker every five seconds.

    `residents()` says what is loaded, `missing_weights()` what cannot be: a worker is ready when
    nothing is missing and it does not drain. `when_deaf` is called once if the worker stops hearing the
    bell; it should end the process, whose supervisor starts it anew.
    """

    def __init__(
        self,
        *,
        name: str,
        device: str,
        residents: Callable[[], Sequence[Resident]],
        missing_weights: Callable[[], list[str]],
        drain: Drain,
        liveness: Liveness,
        when_deaf: Callable[[], None],
    ) -> None:
        self._name = name
        self._device = device
        self._residents = residents
        self._missing_weights = missing_weights
        self._drain = drain
        self._liveness = liveness
        self._when_deaf = when_deaf
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="presence", daemon=True)

    def start(self) -> None:
        """Write the row now and keep it fresh."""
        self.show(now=timezone.now())
        self._thread.start()

    def stop(self) -> None:
        """Remove the row: a worker that ended in good order is not missed."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        # The connection of this thread has idled since the start; the database may have restarted.
        close_old_connections()
        Worker.objects.filter(name=self._name).delete()

    def show(self, *, now: datetime) -> None:
        """Write the row once, and act if the worker is deaf."""
        running = Job.objects.filter(
            states.UNFINISHED, worker=self._name, state=Job.State.RUNNING
        ).count()
        Worker.objects.update_or_create(
            name=self._name,
            defaults={
                "device": self._device,
                "residents": [_as_json(resident) for resident in self._residents()],
                "running": running,
                "draining": self._drain.has_begun,
                "ready": not self._drain.has_begun and not self._missing_weights(),
                "last_seen": now,
            },
        )
        deaf = self._liveness.is_deaf(running=running, oldest_wait=_oldest_wait(now))
        if deaf and not self._drain.has_begun and bells_waiting() is not None:
            self._when_deaf()

    def _beat(self) -> None:
        try:
            while not self._stop.wait(BEAT.total_seconds()):
                try:
                    self.show(now=timezone.now())
                except DatabaseError as error:
                    logger.warning("worker %s could not show itself: %s", self._name, error)
                    connections.close_all()
        finally:
            connections.close_all()


def ready_workers(*, now: datetime | None = None) -> int:
    """How many workers take jobs at the moment."""
    now = now or timezone.now()
    return Worker.objects.filter(ready=True, last_seen__gte=now - SEEN_WITHIN).count()


def _as_json(resident: Resident) -> dict[str, Any]:
    last_used = resident.last_used
    return {**asdict(resident), "last_used": last_used.isoformat() if last_used else None}


def _oldest_wait(now: datetime) -> timedelta | None:
    oldest = (
        Job.objects.filter(
            ~states.GROUP,
            Q(not_before__isnull=True),
            states.UNFINISHED,
            state=Job.State.QUEUED,
            lane=Job.Lane.INTERACTIVE,
        )
        .order_by("created_at")
        .values_list("created_at", flat=True)
        .first()
    )
    return None if oldest is None else now - oldest
