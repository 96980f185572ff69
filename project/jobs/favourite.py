"""Marking a job to find it again. It is no step of the job: no event, no number."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from project.jobs import history
from project.jobs.models import Job, JobEvent


def set_favourite(*, job: Job, favourite: bool, now: datetime | None = None) -> Job:
    """Mark or unmark the job and return the row as it is now; a repeat changes nothing.

    `updated_at` moves, so that polling sees it; open connections learn it as an ephemeral
    change, as they learn a cancel request.
    """
    now = now or timezone.now()
    with transaction.atomic():
        changed = Job.objects.filter(pk=job.pk, is_favourite=not favourite).update(
            is_favourite=favourite, updated_at=now
        )
        current = Job.objects.get(pk=job.pk)
        if changed:
            history.announce(
                current,
                event=JobEvent.Name.PROGRESS,
                ephemeral=True,
                data={"favourite": favourite},
            )
    return current
