"""Taking a job back from a worker that has fallen silent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from project.jobs import groups, states
from project.jobs.dispatch import ring_after_commit
from project.jobs.models import Job

WORKER_LOST = "worker_lost"


def recover_if_expired(*, job_id: UUID, now: datetime) -> Job | None:
    """Requeue a running job whose lease ran out; None when there is nothing to recover.

    A job that was to be cancelled ends CANCELLED; one whose attempts are spent has killed its
    worker each time and ends FAILED with `worker_lost`.
    """
    expired = Q(lease_until__lt=now)
    if not Job.objects.filter(expired, pk=job_id, state=Job.State.RUNNING).exists():
        return None
    to_cancel = Q(cancel_requested_at__isnull=False)
    spent = Q(attempt__gte=F("max_attempts"))
    choices = (
        (Job.State.CANCELLED, to_cancel, {"error_code": "cancelled"}),
        (Job.State.FAILED, ~to_cancel & spent, {"error_code": WORKER_LOST}),
        (Job.State.QUEUED, ~to_cancel & ~spent, {"dispatched_at": None}),
    )
    for target, condition, changes in choices:
        job = states.move(
            job_id=job_id,
            source=Job.State.RUNNING,
            target=target,
            where=expired & condition,
            changes=changes,
            data={"reason": WORKER_LOST},
            now=now,
        )
        if job is not None:
            groups.settle_after_commit(job)
            if target == Job.State.QUEUED:
                ring_after_commit(job.pk)
            return job
    return None
