"""The queue and the workers in numbers, for operators and for `/metrics`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.utils import timezone

from project.jobs.models import Job, Worker

WORKER_SILENT_AFTER = timedelta(seconds=60)


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
