"""Ringing for the worker of the queue `default`. The message is empty: the rows are the truth."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from project.failpoints import reach

logger = logging.getLogger(__name__)

TASK = "webhooks.deliver"


def ring() -> bool:
    """Send the bell. False when the broker is away: the sweeper rings again."""
    try:
        current_app.send_task(TASK, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("webhooks wait for the sweeper, no bell was sent: %s", error)
        return False
    return True


def ring_after_commit() -> None:
    """Ring once the row is visible to workers."""

    def send() -> None:
        reach("webhook.before_ring")
        ring()

    transaction.on_commit(send, robust=True)
