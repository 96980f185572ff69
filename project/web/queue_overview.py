"""The queue and the workers in numbers, for operators and for `/metrics`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from project.jobs import kinds, states
from project.jobs.claim import LANES, background_threads
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


@dataclass(frozen=True, kw_only=True)
class LaneOverview:
    """One lane: what waits, what runs, for how long the oldest has waited, and how many threads
    would take its next job at once."""

    lane: Job.Lane
    queued: int
    running: int
    oldest_queued_seconds: float
    threads_free: int

    @property
    def label(self) -> str:
        """In the reader's language."""
        return str(self.lane.label)


@dataclass(frozen=True, kw_only=True)
class FailureCount:
    """How often one kind failed for one reason; `meaning` is what its owners read."""

    kind: str
    label: str
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


def lanes(*, workers: Iterable[Worker] = (), now: datetime | None = None) -> list[LaneOverview]:
    """Every lane in the order in which workers look at them; one query.

    `workers` are those that take jobs: their threads are counted.
    """
    now = now or timezone.now()
    is_queued = Q(state=Job.State.QUEUED)
    counted = (
        Job.objects.filter(states.UNFINISHED, ~states.GROUP)
        .order_by()
        .values_list("lane", "worker")
        .annotate(
            queued=Count("pk", filter=is_queued),
            running=Count("pk", filter=~is_queued),
            oldest=Min("created_at", filter=is_queued),
        )
    )
    queued, running, oldest = Counter[str](), Counter[tuple[str, str]](), dict[str, datetime]()
    for lane, worker, waits, runs, since in counted:
        queued[lane] += waits
        running[lane, worker] += runs
        if since is not None:
            oldest[lane] = min(since, oldest.get(lane, since))
    free = {lane: sum(_free(lane, w.name, running) for w in workers) for lane in LANES}
    return [
        LaneOverview(
            lane=lane,
            queued=queued[lane],
            running=sum(n for (known, _), n in running.items() if known == lane),
            oldest_queued_seconds=(now - oldest[lane]).total_seconds() if lane in oldest else 0.0,
            threads_free=free[lane],
        )
        for lane in LANES
    ]


def _free(lane: Job.Lane, worker: str, running: Counter[tuple[str, str]]) -> int:
    """Threads of one worker for one lane: stream and batch leave some to the interactive one."""
    held = {known: running[known, worker] for known in LANES}
    free = settings.WORKER_THREADS - sum(held.values())
    if lane != Job.Lane.INTERACTIVE:
        free = min(free, background_threads() - sum(held.values()) + held[Job.Lane.INTERACTIVE])
    return max(0, free)


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
    labels = {kind.key: str(kind.label) for kind in kinds.all_kinds()}
    return [
        FailureCount(
            kind=row["kind"],
            label=labels.get(row["kind"], row["kind"]),
            code=row["error_code"],
            meaning=describe_error(Job(kind=row["kind"], error_code=row["error_code"])),
            number=row["number"],
            latest=row["latest"],
        )
        for row in counted[:FAILURES_SHOWN]
    ]
