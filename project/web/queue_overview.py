"""The queue and the workers in numbers, for operators and for `/metrics`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from project.jobs.claim import LANES
from project.jobs.codes import describe_error
from project.jobs.models import Job, Worker

WORKER_SILENT_AFTER = timedelta(seconds=60)
FAILURES_LOOKED_BACK = timedelta(hours=24)
FAILURES_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class QueueOverview:
    """Jobs by (kind, state), the age of the oldest queued job, workers with their pulse."""

    jobs: dict[tuple[str, str], int]
    oldest_queued_seconds: float
    workers: list[tuple[Worker, bool]]

    @property
    def states(self) -> list[tuple[str, str, int]]:
        """(state, translated label, number of jobs) in the order of the state machine."""
        return [
            (state.value, str(state.label), sum(n for (_, s), n in self.jobs.items() if s == state))
            for state in Job.State
        ]


@dataclass(frozen=True, kw_only=True)
class LaneOverview:
    """One lane: what waits, what runs, and for how long the oldest has waited."""

    label: str
    queued: int
    running: int
    oldest_queued_seconds: float


@dataclass(frozen=True, kw_only=True)
class FailureCount:
    """How often one kind failed for one reason; `meaning` is what its owners read."""

    kind: str
    code: str
    meaning: str
    number: int
    latest: datetime


def overview(*, now: datetime | None = None) -> QueueOverview:
    """Three queries, whatever the number of rows."""
    now = now or timezone.now()
    counted = Job.objects.order_by().values_list("kind", "state").annotate(n=Count("pk"))
    oldest = Job.objects.filter(state=Job.State.QUEUED).aggregate(oldest=Min("created_at"))[
        "oldest"
    ]
    return QueueOverview(
        jobs={(kind, state): n for kind, state, n in counted},
        oldest_queued_seconds=(now - oldest).total_seconds() if oldest else 0.0,
        workers=[(worker, beats(worker, now=now)) for worker in Worker.objects.order_by("name")],
    )


def beats(worker: Worker, *, now: datetime) -> bool:
    """Whether the worker was heard of lately."""
    return now - worker.last_seen <= WORKER_SILENT_AFTER


def lanes(*, now: datetime | None = None) -> list[LaneOverview]:
    """Every lane in the order in which workers look at them; one query."""
    now = now or timezone.now()
    queued = Q(state=Job.State.QUEUED)
    counted = (
        Job.objects.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING))
        .order_by()
        .values("lane")
        .annotate(
            queued=Count("pk", filter=queued),
            running=Count("pk", filter=~queued),
            oldest=Min("created_at", filter=queued),
        )
    )
    found: dict[str, Any] = {row["lane"]: row for row in counted}
    nothing: dict[str, Any] = {"queued": 0, "running": 0, "oldest": None}
    rows = [(lane, found.get(lane, nothing)) for lane in LANES]
    return [
        LaneOverview(
            label=str(lane.label),
            queued=row["queued"],
            running=row["running"],
            oldest_queued_seconds=(now - row["oldest"]).total_seconds() if row["oldest"] else 0.0,
        )
        for lane, row in rows
    ]


def recent_failures(*, now: datetime | None = None) -> list[FailureCount]:
    """Why jobs failed in the last day, most frequent first; one query, no owner, no file."""
    since = (now or timezone.now()) - FAILURES_LOOKED_BACK
    counted = (
        Job.objects.filter(state=Job.State.FAILED, finished_at__gte=since)
        .order_by()
        .values("kind", "error_code")
        .annotate(number=Count("pk"), latest=Max("finished_at"))
        .order_by("-number", "kind", "error_code")
    )
    return [
        FailureCount(
            kind=row["kind"],
            code=row["error_code"],
            meaning=describe_error(Job(kind=row["kind"], error_code=row["error_code"])),
            number=row["number"],
            latest=row["latest"],
        )
        for row in counted[:FAILURES_SHOWN]
    ]
