"""Removing what is past its time: old events and orders, rows of workers that are long gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from project.jobs import states
from project.jobs.models import JobEvent, Worker
from project.jobs.orders import prune_orders

PAGE = 500
WORKER_FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class PruneReport:
    """How many rows went."""

    events: int
    workers: int
    orders: int


def prune(*, now: datetime | None = None) -> PruneReport:
    """Delete events past `settings.EVENT_RETENTION` of jobs that have ended, page by page.

    The terminal event stays as long as its job.
    """
    now = now or timezone.now()
    old = JobEvent.objects.filter(
        at__lt=now - settings.EVENT_RETENTION, job__state__in=states.TERMINAL
    ).exclude(name__in=[states.EVENT_OF_ENTERING[state] for state in states.TERMINAL])
    removed = 0
    while page := list(old.order_by("at").values_list("pk", flat=True)[:PAGE]):
        removed += JobEvent.objects.filter(pk__in=page).delete()[0]
    gone = Worker.objects.filter(last_seen__lt=now - WORKER_FORGOTTEN_AFTER).delete()[0]
    return PruneReport(events=removed, workers=gone, orders=prune_orders(now=now))
