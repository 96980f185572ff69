"""Workers in words: what state they are in, what they hold, and how full their device is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from project.inference import registry
from project.jobs.models import Worker
from project.web.queue_overview import beats

# The width of a bar's drawing; shares are whole thousandths of it, and what is there is seen.
BAR_WIDTH = 1000
LEAST_WIDTH = 4


class WorkerState(TextChoices):
    """In the order in which the first that holds is told."""

    SILENT = "silent", _("Silent")
    STUCK = "stuck", _("Stuck")
    DRAINING = "draining", _("Draining")
    READY = "ready", _("Ready")
    INCOMPLETE = "incomplete", _("Takes jobs, models missing")
    WARMING_UP = "warming_up", _("Warming up")


MEANINGS: Final[Mapping[str, object]] = {
    WorkerState.SILENT: _("It has not reported for more than a minute."),
    WorkerState.STUCK: _("Its device stands still or has failed; it gives its jobs back and ends."),
    WorkerState.DRAINING: _("It takes no new job, ends what it runs and leaves."),
    WorkerState.READY: _("It takes jobs."),
    WorkerState.INCOMPLETE: _("It takes jobs, but models that it should hold could not be loaded."),
    WorkerState.WARMING_UP: _("It takes no job before its models are loaded."),
}
TONES: Final[Mapping[str, str]] = {
    WorkerState.SILENT: "bad",
    WorkerState.STUCK: "bad",
    WorkerState.DRAINING: "warn",
    WorkerState.READY: "ok",
    WorkerState.INCOMPLETE: "warn",
    WorkerState.WARMING_UP: "warn",
}


@dataclass(frozen=True, kw_only=True)
class Resident:
    """One loaded model; `pins` is how many runs use it now, `work_bytes` what its warm-up took
    beside its own `bytes` (None where nobody measured it)."""

    name: str
    version: str
    dtype: str
    bytes: int
    work_bytes: int | None
    pins: int
    last_used: datetime | None


@dataclass(frozen=True, kw_only=True)
class DeviceMemory:
    """Bytes, None where the device cannot say; shares are of BAR_WIDTH."""

    budget: int | None
    models: int | None
    total: int | None
    free: int | None
    peak: int | None

    @property
    def others(self) -> int | None:
        """What is in use beside the models: pictures in work, the cache, other programs."""
        if self.total is None or self.free is None:
            return None
        return max(0, self.total - self.free - (self.models or 0))

    @property
    def models_width(self) -> int:
        """Of the bar, from its left."""
        return self._width(self.models)

    @property
    def others_width(self) -> int:
        """Of the bar, behind the models."""
        return min(self._width(self.others), BAR_WIDTH - self.models_width)

    @property
    def budget_width(self) -> int:
        """How far models may reach; 0 when nobody said."""
        return self._width(self.budget)

    def _width(self, size: int | None) -> int:
        whole = self.total or self.budget
        if not (size and whole):
            return 0
        return min(BAR_WIDTH, max(LEAST_WIDTH, round(BAR_WIDTH * size / whole)))


@dataclass(frozen=True, kw_only=True)
class WorkerView:
    """One worker for the page; `absent` names the models that it could warm up."""

    worker: Worker
    state: WorkerState
    residents: list[Resident]
    memory: DeviceMemory
    absent: list[str]

    @property
    def takes_jobs(self) -> bool:
        """Whether its free threads count."""
        return self.state in (WorkerState.READY, WorkerState.INCOMPLETE)

    @property
    def takes_orders(self) -> bool:
        """Whether it would hear one."""
        return self.state != WorkerState.SILENT

    @property
    def tone(self) -> str:
        """ok, warn or bad."""
        return TONES[self.state]

    @property
    def meaning(self) -> str:
        """The state in a sentence."""
        return str(MEANINGS[self.state])

    @property
    def threads(self) -> int:
        """How many jobs it may run at once."""
        return settings.WORKER_THREADS

    @property
    def busy_percent(self) -> int:
        """Of the last minute."""
        return round(100 * self.worker.busy_share)

    @property
    def busy_width(self) -> int:
        """Of BAR_WIDTH."""
        return min(BAR_WIDTH, round(BAR_WIDTH * self.worker.busy_share))


def worker_state(worker: Worker, *, now: datetime) -> WorkerState:
    """A silent worker may say what it likes: its row is old."""
    if not beats(worker, now=now):
        return WorkerState.SILENT
    if not worker.live:
        return WorkerState.STUCK
    if worker.draining:
        return WorkerState.DRAINING
    if worker.ready:
        return WorkerState.READY
    return WorkerState.INCOMPLETE if worker.trouble else WorkerState.WARMING_UP


def worker_view(worker: Worker, *, now: datetime) -> WorkerView:
    """The row with its state, read from what the worker wrote."""
    residents = [_resident(row) for row in worker.residents]
    loaded = {resident.name for resident in residents}
    return WorkerView(
        worker=worker,
        state=worker_state(worker, now=now),
        residents=residents,
        memory=DeviceMemory(
            budget=worker.memory.get("budget_bytes"),
            models=worker.memory.get("models_bytes"),
            total=worker.memory.get("device_total_bytes"),
            free=worker.memory.get("device_free_bytes"),
            peak=worker.memory.get("peak_bytes"),
        ),
        absent=[spec.name for spec in registry.all_specs() if spec.name not in loaded],
    )


def _resident(row: Mapping[str, Any]) -> Resident:
    used = row["last_used"]
    return Resident(
        name=row["name"],
        version=row["version"],
        dtype=row["dtype"],
        bytes=row["bytes"],
        work_bytes=row.get("activation_bytes"),
        pins=row["pins"],
        last_used=datetime.fromisoformat(used) if used else None,
    )
