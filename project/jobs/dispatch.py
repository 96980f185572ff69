"""Ringing the bell: a message with one job id tells some worker to look into the queue."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from project.failpoints import reach
from project.jobs.models import Job

logger = logging.getLogger(__name__)

TASK = "jobs.run"


def ring(job_id: UUID, *, now: datetime | None = None) -> bool:
    """Send the bell and note when. False when the broker is away: the sweeper rings again."""
    try:
        current_app.send_task(TASK, args=[str(job_id)], retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("job %s waits for the sweeper, no bell was sent: %s", job_id, error)
        return False
    Job.objects.filter(pk=job_id).update(dispatched_at=now or timezone.now())
    return True


def ring_after_commit(job_id: UUID) -> None:
    """Ring once the row is visible to workers."""

    def send() -> None:
        reach("job.before_dispatch")
        ring(job_id)

    transaction.on_commit(send, robust=True)
