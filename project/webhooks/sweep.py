"""The guarantee behind the bell: retries whose time has come, lost bells, and old rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from project.jobs.sweep import bells_waiting
from project.webhooks.claim import claimable, spent
from project.webhooks.dispatch import ring
from project.webhooks.models import Delivery, SigningSecret

BELLS = 2  # the threads of the worker of the queue `default`; each works until nothing is due
PAGE = 500
WORKER_LOST = "worker_lost"


@dataclass(frozen=True, kw_only=True)
class SweepReport:
    """Rows that are due, rows whose last attempt ended with its worker, and bells sent."""

    due: int
    ended: int
    rung: int


def sweep_deliveries(*, now: datetime | None = None) -> SweepReport:
    """Ring for what is due, and end what has no attempt left."""
    now = now or timezone.now()
    ended = spent(now).update(
        state=Delivery.State.FAILED,
        error_code=WORKER_LOST,
        finished_at=now,
        lease_token=None,
        lease_until=None,
    )
    due = claimable(now).count()
    waiting = bells_waiting(settings.CELERY_TASK_DEFAULT_QUEUE) if due else 0
    # A queue that nobody empties must not grow; one whose broker is away cannot be rung in.
    missing = 0 if waiting is None else max(0, min(due, BELLS) - waiting)
    rung = sum(ring() for _number in range(missing))
    return SweepReport(due=due, ended=ended, rung=rung)


def prune_deliveries(*, now: datetime | None = None) -> int:
    """Delete finished deliveries past `settings.WEBHOOK_RETENTION`, and secrets that are no
    longer valid; how many deliveries."""
    now = now or timezone.now()
    SigningSecret.objects.filter(expires_at__lte=now).delete()
    old = Delivery.objects.filter(finished_at__lt=now - settings.WEBHOOK_RETENTION).exclude(
        state=Delivery.State.PENDING
    )
    removed = 0
    while page := list(old.order_by("finished_at").values_list("pk", flat=True)[:PAGE]):
        Delivery.objects.filter(pk__in=page).delete()
        removed += len(page)
    return removed
