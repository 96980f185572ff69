"""Jobs as operators see them: what is done, where and for how long; never whose or which picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from project.jobs import kinds, states
from project.jobs.codes import describe_error, describe_stage
from project.jobs.models import Job
from project.web.queue_overview import FAILURES_LOOKED_BACK

RUNNING_SHOWN = 50
WAITING_SHOWN = 10
FAILED_SHOWN = 10

# Neither the owner nor the parameters, nor the detail of an error, which may name a file.
FACTS = (
    "pk", "kind", "lane", "state", "stage", "progress", "done_units", "total_units", "worker",
    "attempt", "max_attempts", "created_at", "started_at", "finished_at", "lease_until",
    "not_before", "cancel_requested_at", "error_code",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class OperatorJob:
    """One job without its owner."""

    id: UUID
    kind: str
    lane: str
    stage: str
    percent: int
    done: int
    total: int
    worker: str
    attempt: int
    attempts_allowed: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    lease_age_seconds: float | None
    lease_is_over: bool
    waits_until: datetime | None
    is_stopping: bool
    error_code: str
    error: str


@dataclass(frozen=True, kw_only=True)
class OperatorJobs:
    """The first of each list; how many there are in all stands in the lanes and the failures."""

    running: list[OperatorJob]
    waiting: list[OperatorJob]
    failed: list[OperatorJob]


def operator_jobs(*, now: datetime) -> OperatorJobs:
    """Running jobs by start, waiting ones by age, the last that failed; three queries."""
    rows = Job.objects.filter(~states.GROUP).only(*FACTS)
    open_rows = rows.filter(states.UNFINISHED)
    failed = Q(state=Job.State.FAILED, finished_at__gte=now - FAILURES_LOOKED_BACK)
    return OperatorJobs(
        running=_shown(
            open_rows.filter(state=Job.State.RUNNING).order_by("started_at", "pk")[:RUNNING_SHOWN],
            now,
        ),
        waiting=_shown(
            open_rows.filter(state=Job.State.QUEUED).order_by("created_at", "pk")[:WAITING_SHOWN],
            now,
        ),
        failed=_shown(rows.filter(failed).order_by("-finished_at", "-pk")[:FAILED_SHOWN], now),
    )


def _shown(rows: QuerySet[Job], now: datetime) -> list[OperatorJob]:
    labels = {kind.key: str(kind.label) for kind in kinds.all_kinds()}
    return [_operator_job(job, labels.get(job.kind, job.kind), now) for job in rows]


def _operator_job(job: Job, kind: str, now: datetime) -> OperatorJob:
    renewed = job.lease_until - settings.JOB_LEASE if job.lease_until else None
    return OperatorJob(
        id=job.pk,
        kind=kind,
        lane=job.get_lane_display(),
        stage=describe_stage(job),
        percent=round(job.progress * 100),
        done=job.done_units,
        total=job.total_units,
        worker=job.worker,
        attempt=job.attempt,
        attempts_allowed=job.max_attempts,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        lease_age_seconds=max(0.0, (now - renewed).total_seconds()) if renewed else None,
        lease_is_over=job.lease_until is not None and job.lease_until < now,
        waits_until=job.not_before if job.not_before and job.not_before > now else None,
        is_stopping=job.cancel_requested_at is not None,
        error_code=job.error_code,
        error=describe_error(job),
    )
