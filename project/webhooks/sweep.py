"""The guarantee behind the bell: retries whose time has come, lost bells, and old rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from project.jobs.codes import OWNER_DEACTIVATED
from project.jobs.sweep import bells_waiting
from project.webhooks.claim import claimable, of_deactivated_owners, spent
from project.webhooks.dispatch import ring
from project.webhooks.models import Delivery, SigningSecret

BELLS = 2  # the threads of the worker of the queue `default`; each works until nothing is due
PAGE = 500
WORKER_LOST = "worker_lost"


@dataclass(frozen=True, kw_only=True)
class SweepReport:
    """Rows that are due, rows that were ended unsent, and bells sent."""

    due: int
    ended: int
    rung: int


def sweep_deliveries(*, now: datetime | None = None) -> SweepReport:
    """Ring for what is due; end what has no attempt left, or whose owner was deactivated."""
    now = now or timezone.now()
    ended = _end(spent(now), WORKER_LOST, now)
    ended += _end(of_deactivated_owners(now), OWNER_DEACTIVATED, now)
    due = claimable(now).filter(owner__is_active=True).count()
    waiting = bells_waiting(settings.CELERY_TASK_DEFAULT_QUEUE) if due else 0
    # A queue that nobody empties must not grow; one whose broker is away cannot be rung in.
    missing = 0 if waiting is None else max(0, min(due, BELLS) - waiting)
    rung = sum(ring() for _number in range(missing))
    return SweepReport(due=due, ended=ended, rung=rung)


def _end(rows: QuerySet[Delivery], code: str, now: datetime) -> int:
    return rows.update(
        state=Delivery.State.FAILED,
        error_code=code,
        finished_at=now,
        lease_token=None,
        lease_until=None,
    )


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
