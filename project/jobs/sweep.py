"""The guarantee behind the bell: what no worker was told, or dropped, is found again.

Every row is handled in its own small transaction; a row that fails is logged, counted, and
does not stop the others. Orphan files and old events have their own periodic work
(project.images.sweep, prune.py).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from project.jobs import groups, states
from project.jobs.cancel import cancel_job
from project.jobs.claim import claimable
from project.jobs.codes import OWNER_DEACTIVATED
from project.jobs.dispatch import ring
from project.jobs.models import Job, Worker
from project.jobs.recover import recover_if_expired

logger = logging.getLogger(__name__)

PAGE = 200
UNTOLD_AFTER = timedelta(seconds=3)
SILENT_AFTER = timedelta(seconds=15)
WORKER_SEEN_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class SweepReport:
    """What one sweep did, in rows. `bells_waiting` is None when the broker did not answer."""

    recovered: int
    revoked: int
    settled: int
    rung: int
    failed: int
    bells_waiting: int | None


def sweep(*, now: datetime | None = None) -> SweepReport:
    """Recover expired leases, revoke work of deactivated owners, bring batches up to date,
    and ring for queued jobs that nobody was told about."""
    now = now or timezone.now()
    done: Counter[str] = Counter()
    _each("recover", _expired(now), lambda job: recover_if_expired(job_id=job, now=now), done)
    _each("revoke", _of_deactivated_owners(), lambda job: _revoke(job, now), done)
    _each("settle", _ready_groups(), lambda job: groups.settle(parent_id=job, now=now), done)
    bells = bells_waiting()
    if bells is not None:
        _each("ring", _untold(now, bells), lambda job: ring(job, now=now), done)
    return SweepReport(
        recovered=done["recover"],
        revoked=done["revoke"],
        settled=done["settle"],
        rung=done["ring"],
        failed=done["failed"],
        bells_waiting=bells,
    )


def bells_waiting(queue: str | None = None) -> int | None:
    """How many bells lie in `queue` (that of the devices); None when the broker is away."""
    try:
        with current_app.connection_for_write() as connection:
            channel: Any = connection.default_channel
            return int(
                channel.queue_declare(queue=queue or settings.GPU_QUEUE, durable=True).message_count
            )
    except (OperationalError, OSError) as error:
        logger.warning("the broker does not answer: %s", error)
        return None


def _each(
    verb: str, jobs: Iterable[UUID], action: Callable[[UUID], object], done: Counter[str]
) -> None:
    for job in jobs:
        try:
            if action(job):
                done[verb] += 1
        except Exception:
            # One bad row must not keep the sweep from the others.
            logger.exception("sweep could not %s job %s", verb, job)
            done["failed"] += 1


def _expired(now: datetime) -> list[UUID]:
    rows = Job.objects.filter(states.UNFINISHED, state=Job.State.RUNNING, lease_until__lt=now)
    return list(rows.order_by("lease_until").values_list("pk", flat=True)[:PAGE])


def _of_deactivated_owners() -> list[UUID]:
    rows = Job.objects.filter(
        states.UNFINISHED, owner__is_active=False, cancel_requested_at__isnull=True
    )
    return list(rows.order_by("created_at").values_list("pk", flat=True)[:PAGE])


def _revoke(job_id: UUID, now: datetime) -> Job:
    return cancel_job(job=Job.objects.get(pk=job_id), code=OWNER_DEACTIVATED, now=now)


def _ready_groups() -> list[UUID]:
    """Parents whose children have ended though nobody counted them (the counter died)."""
    rows = Job.objects.filter(states.GROUP, states.UNFINISHED, children__isnull=False).exclude(
        children__state__in=(Job.State.QUEUED, Job.State.RUNNING)
    )
    return list(rows.order_by("created_at").distinct().values_list("pk", flat=True)[:PAGE])


def _untold(now: datetime, bells: int) -> list[UUID]:
    """Claimable jobs to ring for: never rung for, or rung for so long ago that the bell is
    lost; the latter only as far as bells are missing."""
    waiting = claimable(now)
    never = waiting.filter(dispatched_at__isnull=True).filter(
        Q(attempt__gt=0) | Q(created_at__lt=now - UNTOLD_AFTER)
    )
    untold = list(never.order_by("created_at").values_list("pk", flat=True)[:PAGE])
    # A bell wakes one thread, which then claims until nothing is left: more than one for each
    # thread would only be noise.
    workers = Worker.objects.filter(last_seen__gte=now - WORKER_SEEN_WITHIN).count()
    wanted = min(waiting.count(), settings.WORKER_THREADS * max(1, workers))
    missing = wanted - bells - len(untold)
    if missing <= 0:
        return untold
    silent = waiting.filter(dispatched_at__lt=now - SILENT_AFTER)
    return untold + list(
        silent.order_by("dispatched_at").values_list("pk", flat=True)[: min(missing, PAGE)]
    )
