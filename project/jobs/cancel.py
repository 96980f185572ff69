"""Cancelling: at once while queued, at the next checkpoint while running."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from project.jobs import groups, history, states
from project.jobs.models import Job, JobEvent

State = Job.State


def cancel_job(*, job: Job, code: str = "cancelled", now: datetime | None = None) -> Job:
    """Cancel one job, or all children of a batch. A job that has ended stays as it is.

    Returns the row as it is now: CANCELLED, or RUNNING with `cancel_requested_at`. Once that
    is set the job can only end CANCELLED.
    """
    now = now or timezone.now()
    if job.max_attempts == 0:
        return _cancel_group(job, code=code, now=now)
    while True:
        cancelled = states.move(
            job_id=job.pk,
            source=State.QUEUED,
            target=State.CANCELLED,
            changes={"cancel_requested_at": now, "error_code": code},
            data={"code": code},
            now=now,
        )
        if cancelled is not None:
            groups.settle_after_commit(cancelled)
            return cancelled
        _request(job, now)
        current = Job.objects.get(pk=job.pk)
        # Between the two UPDATEs the job may have gone back to the queue: then begin again.
        if current.state != State.QUEUED:
            return current


def _request(job: Job, now: datetime) -> None:
    with transaction.atomic():
        asked = Job.objects.filter(
            pk=job.pk, state=State.RUNNING, cancel_requested_at__isnull=True
        ).update(cancel_requested_at=now, updated_at=now)
        if asked:
            row = Job.objects.get(pk=job.pk)
            history.announce(
                row,
                event=JobEvent.Name.PROGRESS,
                ephemeral=True,
                data={"cancel_requested": True},
            )


def _cancel_group(job: Job, *, code: str, now: datetime) -> Job:
    Job.objects.filter(pk=job.pk, state=State.QUEUED, cancel_requested_at__isnull=True).update(
        cancel_requested_at=now, updated_at=now
    )
    for child in Job.objects.filter(parent=job).exclude(state__in=states.TERMINAL):
        cancel_job(job=child, code=code, now=now)
    groups.settle(parent_id=job.pk, now=now)
    return Job.objects.get(pk=job.pk)
