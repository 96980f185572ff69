"""The task: a bell for the worker of the queue `default`."""

from __future__ import annotations

from celery import shared_task
from django.db import close_old_connections

from project.webhooks.deliver import deliver_next
from project.webhooks.dispatch import TASK


@shared_task(name=TASK)
def deliver() -> None:
    """Make attempts until none is due. The sweeper rings for retries and for lost bells."""
    while deliver_next() is not None:
        close_old_connections()
