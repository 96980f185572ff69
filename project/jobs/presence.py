"""The row by which operators and `/readyz` see this worker."""

from __future__ import annotations

import logging
import threading
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from django.db import DatabaseError, close_old_connections, connections
from django.db.models import Q
from django.utils import timezone

from project.inference.device_failure import is_device_failure
from project.jobs import states
from project.jobs.drain import Drain
from project.jobs.health import ANY_JOB, Health
from project.jobs.liveness import Liveness
from project.jobs.models import Job, Worker
from project.jobs.preload import Preload
from project.jobs.sweep import bells_waiting

if TYPE_CHECKING:
    from project.inference.device_lease import DeviceLease
    from project.inference.lease_watch import DeviceReport
    from project.inference.model_host import ModelHost, Resident

logger = logging.getLogger(__name__)

BEAT = timedelta(seconds=5)
SEEN_WITHIN = timedelta(seconds=30)


class WorkerRuntime(Protocol):
    """What a worker has besides what its runs share (`project.inference.runtime.Runtime`)."""

    @property
    def device(self) -> str: ...

    @property
    def host(self) -> ModelHost: ...

    @property
    def lease(self) -> DeviceLease: ...

    def memory(self) -> dict[str, int | None]: ...

    def missing_weights(self) -> list[str]: ...


class Presence:
    """A daemon thread that writes the row of this worker every five seconds, and watches it.

    A worker is ready when it has preloaded, nothing is missing, and it is sound and does not
    drain. It breaks down when its device stands still for too long, or when it no longer hears
    the bell; then it ends, and its supervisor starts it anew.
    """

    def __init__(
        self,
        *,
        name: str,
        runtime: WorkerRuntime,
        preload: Preload,
        drain: Drain,
        liveness: Liveness,
        health: Health,
    ) -> None:
        self._name = name
        self._runtime = runtime
        self._preload = preload
        self._drain = drain
        self._liveness = liveness
        self._health = health
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="presence", daemon=True)

    def start(self) -> None:
        """Write the row now and keep it fresh."""
        self.show(now=timezone.now())
        self._thread.start()

    def stop(self, *, leave_row: bool = False) -> None:
        """Remove the row: a worker that ended in good order is not missed.

        `leave_row` keeps it for operators to see what broke; it is pruned a day later.
        """
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        # The connection of this thread has idled since the start; the database may have restarted.
        close_old_connections()
        if leave_row:
            self.show(now=timezone.now())
            return
        Worker.objects.filter(name=self._name).delete()

    def show(self, *, now: datetime) -> None:
        """Write the row once, and break the worker down if it is stuck or deaf."""
        device = self._runtime.lease.watch.report()
        if device.is_stuck:
            suspect = ANY_JOB if device.job == "" else device.job
            self._health.break_down(_stuck(device), suspect=suspect)
        running = Job.objects.filter(
            states.UNFINISHED, worker=self._name, state=Job.State.RUNNING
        ).count()
        Worker.objects.update_or_create(
            name=self._name, defaults=self._row(device, running=running, now=now)
        )
        deaf = self._liveness.is_deaf(running=running, oldest_wait=_oldest_wait(now))
        if deaf and not self._drain.has_begun and bells_waiting() is not None:
            self._health.break_down("it no longer hears the broker")

    def _row(self, device: DeviceReport, *, running: int, now: datetime) -> dict[str, Any]:
        runtime, memory = self._runtime, self._memory()
        trouble = self._health.reason or self._shortage()
        is_ready = self._preload.has_run and not trouble and not self._drain.has_begun
        return {
            "device": runtime.device,
            "residents": [_as_json(resident) for resident in runtime.host.residents()],
            "memory": memory,
            "running": running,
            "waiting": runtime.lease.waiters,
            "busy_share": round(device.busy_share, 3),
            "step_seconds": round(device.step_seconds, 3),
            "ready": is_ready,
            "live": self._health.is_sound,
            "draining": self._drain.has_begun,
            "trouble": trouble,
            "last_seen": now,
        }

    def _shortage(self) -> str:
        """What keeps a worker that takes jobs from being ready. Until the preload is over it takes
        none, and the row tells no trouble: pages know the two apart by it."""
        if not self._preload.has_run:
            return ""
        if self._preload.trouble:
            return self._preload.trouble
        missing = self._runtime.missing_weights()
        return f"weights {', '.join(missing)} are not on disk" if missing else ""

    def _memory(self) -> dict[str, int | None]:
        """Asking is also how a worker at rest learns that its device is gone."""
        try:
            return self._runtime.memory()
        except RuntimeError as error:
            if not is_device_failure(error):
                raise
            self._health.break_down(f"{type(error).__name__}: {error}")
            return {}

    def _beat(self) -> None:
        try:
            while not self._stop.wait(BEAT.total_seconds()):
                try:
                    self.show(now=timezone.now())
                except DatabaseError as error:
                    logger.warning("worker %s could not show itself: %s", self._name, error)
                    connections.close_all()
                except Exception:
                    # A silent worker would still take jobs, and nobody would watch its device.
                    logger.exception("worker %s could not show itself", self._name)
                    connections.close_all()
        finally:
            connections.close_all()


def ready_workers(*, now: datetime | None = None) -> int:
    """How many workers take jobs at the moment."""
    now = now or timezone.now()
    return Worker.objects.filter(ready=True, last_seen__gte=now - SEEN_WITHIN).count()


def _stuck(device: DeviceReport) -> str:
    return (
        f"the device has not moved for {device.still_seconds:.0f} s in one step, "
        f"{device.allowed_seconds:.0f} s are allowed"
    )


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
