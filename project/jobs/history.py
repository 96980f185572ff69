"""Writing to a job: one conditional UPDATE, one numbered event, one push after the commit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from project.failpoints import reach
from project.jobs import hooks
from project.jobs.models import Job, JobEvent


def append(
    rows: QuerySet[Job],
    *,
    job_id: UUID,
    event: str,
    changes: Mapping[str, Any],
    now: datetime,
    data: Mapping[str, Any] | None = None,
    eta_seconds: float | None = None,
) -> Job | None:
    """Apply `changes` to the job if it is among `rows` and record `event`; None if it is not.

    The row lock taken by the UPDATE orders `seq`; the event is in the same transaction.
    """
    with transaction.atomic():
        updated = rows.filter(pk=job_id).update(seq=F("seq") + 1, updated_at=now, **changes)
        if not updated:
            return None
        job = Job.objects.select_related("owner").get(pk=job_id)
        record(job, event=event, data=data, eta_seconds=eta_seconds)
    return job


def record(
    job: Job,
    *,
    event: str,
    data: Mapping[str, Any] | None = None,
    eta_seconds: float | None = None,
) -> None:
    """Insert the event numbered `job.seq` and announce it; the caller holds the row."""
    JobEvent.objects.create(job=job, seq=job.seq, name=event, data=dict(data or {}))
    if job.is_terminal:
        reach("job.after_event_insert")
        hooks.tell_ending(job)
    announce(job, event=event, data=data, eta_seconds=eta_seconds)


def announce(
    job: Job,
    *,
    event: str,
    ephemeral: bool = False,
    data: Mapping[str, Any] | None = None,
    eta_seconds: float | None = None,
) -> None:
    """Push the state of `job` once the transaction has committed. Best effort: a failing push
    is logged and changes nothing for the job."""
    change = hooks.JobChange(
        job=job.pk,
        owner_id=job.owner_id,
        kind=job.kind,
        seq=job.seq,
        event=event,
        state=job.state,
        stage=job.stage,
        progress=job.progress,
        done=job.done_units,
        total=job.total_units,
        ephemeral=ephemeral,
        eta_seconds=eta_seconds,
        data=dict(data or {}),
    )
    terminal = job.is_terminal

    def push() -> None:
        if terminal:
            reach("job.after_row_commit")
            reach("job.before_publish")
        hooks.publish(change)

    transaction.on_commit(push, robust=True)
