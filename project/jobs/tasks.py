"""The only task: a bell."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.db import close_old_connections

from project.jobs.dispatch import TASK
from project.jobs.liveness import worker_liveness
from project.jobs.relay import worker_relay
from project.jobs.run import run_next
from project.jobs.worker import worker_name


@shared_task(name=TASK)
def run(job_id: str) -> None:
    """Run the fairest jobs until none is left. `job_id` is a hint, not an order: one bell is
    enough for one free thread. The sweeper rings again for a lost bell (`sweep.SILENT_AFTER` later,
    and at most its interval). One that this worker heard in vain goes on to the next."""
    hint: UUID | None = UUID(job_id)
    worker_liveness.looked()
    while run_next(worker=worker_name(), hint=hint) is not None:
        hint = None
        worker_liveness.looked()
        close_old_connections()
    if hint is not None:
        worker_relay.pass_on(worker=worker_name())
