"""What operators do from their page; each act and its entry in the admin's log are one commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction

from project.jobs.cancel import cancel_job
from project.jobs.models import Job, Worker, WorkerOrder
from project.jobs.operate import requeue_job
from project.jobs.orders import give_order

if TYPE_CHECKING:
    from django.db.models import Model

    from accounts.models import User


def cancel(*, job: Job, by: User) -> Job:
    """Cancel as the owner would; the row as it is now."""
    with transaction.atomic():
        _note(job, "cancel", by)
        return cancel_job(job=job)


def requeue(*, job: Job, by: User) -> Job:
    """Let the job run again from its start. Raises what requeue_job raises; then nothing is
    noted."""
    with transaction.atomic():
        _note(job, "requeue", by)
        return requeue_job(job=job)


def order(*, worker: Worker, action: str, model: str, by: User) -> WorkerOrder:
    """Ask the worker for `action`. Raises what give_order raises; then nothing is noted."""
    with transaction.atomic():
        _note(worker, f"{action} {model}".strip(), by)
        return give_order(worker=worker.name, action=action, model=model, by=by)


def _note(row: Model, what: str, by: User) -> None:
    LogEntry.objects.log_actions(by.pk, [row], CHANGE, what, single_object=True)
