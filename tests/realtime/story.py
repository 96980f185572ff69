"""Changes of jobs as the job services make them, and what the database says afterwards."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.utils import timezone

from project.jobs import history
from project.jobs.models import Job, JobEvent
from project.uuid7 import uuid7
from tests.factories import JobFactory


def queued(owner: Any) -> Job:
    """A job with its first event."""
    job = JobFactory(owner=owner, seq=1)
    JobEvent.objects.create(job=job, seq=1, name="queued")
    return job


def step(job: Job, event: str, **changes: Any) -> Job:
    """One stored event."""
    changed = history.append(
        Job.objects.all(), job_id=job.pk, event=event, changes=changes, now=timezone.now()
    )
    assert changed is not None
    return changed


def start(job: Job) -> Job:
    return step(
        job, "started", state="running", lease_token=uuid7(), lease_until=timezone.now(), attempt=1
    )


def progress(job: Job, share: float) -> Job:
    return step(job, "progress", stage="echo", progress=share)


def finish(job: Job) -> Job:
    return step(job, "succeeded", state="succeeded", progress=1.0, finished_at=timezone.now())


def view(owner: Any) -> dict[str, list[Any]]:
    """The rows as `ClientModel.view` shows them."""
    return {
        str(job.pk): [job.seq, job.state, job.stage, job.progress]
        for job in Job.objects.filter(owner=owner)
    }


aqueued, astep, astart, aprogress, afinish, aview = (
    sync_to_async(action) for action in (queued, step, start, progress, finish, view)
)
