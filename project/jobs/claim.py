"""Choosing the fairest queued job and taking it with one compare-and-set."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from project.failpoints import reach
from project.jobs import kinds, recover, states
from project.jobs.models import Job

FAIR_SHARE_WINDOW = timedelta(minutes=10)
THREADS_KEPT_FOR_INTERACTIVE = 2
THREADS_KEPT_FOR_NEWCOMERS = 1
LANES = (Job.Lane.INTERACTIVE, Job.Lane.STREAM, Job.Lane.BATCH)
# As in the device lease: a lane that was passed over by as many others goes next.
STARTS_BEFORE_PROMOTION = 7

# One lane's best queued job: priority, then who has used the devices least, then age.
# A running job counts as at least one second, so that a burst is fair before it is measured.
# States are literals because only then may SQLite use the partial indexes. A job without
# attempts is the parent of a batch and is never chosen. The last free thread of a worker is for
# owners who have nothing running there (`newcomers_only`).
FAIREST_QUEUED = """
WITH used AS (
    SELECT owner_id, SUM(seconds) AS seconds FROM (
        SELECT owner_id, device_seconds + 1 AS seconds FROM jobs_job
        WHERE state IN ('queued', 'running') AND state = 'running'
        UNION ALL
        SELECT owner_id, device_seconds AS seconds FROM jobs_job
        WHERE finished_at >= %(since)s AND device_seconds > 0
    ) AS shares GROUP BY owner_id
)
SELECT job.id, job.kind FROM jobs_job AS job
LEFT JOIN used ON used.owner_id = job.owner_id
WHERE job.state = 'queued' AND job.lane = %(lane)s
  AND job.attempt < job.max_attempts
  AND (job.not_before IS NULL OR job.not_before <= %(now)s)
  AND (NOT %(newcomers_only)s OR job.owner_id NOT IN (
    SELECT owner_id FROM jobs_job
    WHERE state IN ('queued', 'running') AND state = 'running' AND worker = %(worker)s
  ))
ORDER BY job.priority DESC, COALESCE(used.seconds, 0), job.created_at, job.id
LIMIT 1
"""

# The lanes of the newest starts, by whatever worker: the rows remember who was passed over.
NEWEST_STARTS = """
SELECT lane, started_at FROM jobs_job
WHERE started_at IS NOT NULL
ORDER BY started_at DESC
LIMIT %(count)s
"""
# Whether a lane had a job to give before the first of them.
WAITED_SINCE = """
SELECT 1 FROM jobs_job
WHERE state = 'queued' AND lane = %(lane)s AND attempt < max_attempts
  AND created_at < %(since)s AND (not_before IS NULL OR not_before < %(since)s)
LIMIT 1
"""
SKIP_LOCKED = "FOR UPDATE OF job SKIP LOCKED"

# One choice at a time in this process, so that two threads cannot both take the last place
# that batch jobs may hold. Other processes are kept apart by the database.
_choosing = threading.Lock()


def claim_job(*, worker: str, hint: UUID | None = None, now: datetime | None = None) -> Job | None:
    """Take the fairest claimable job for `worker`, or None.

    `hint` is the id in the bell: if that job's lease has run out, it is recovered first.
    The returned row carries the lease token that every later write needs.
    """
    now = now or timezone.now()
    if hint is not None:
        recover.recover_if_expired(job_id=hint, now=now)
    with _choosing:
        newcomers_only = _is_last_thread(worker)
        for lane in _lanes_in_turn():
            if lane != Job.Lane.INTERACTIVE and not _may_take_background(worker):
                continue
            job = _claim_in_lane(lane, worker=worker, newcomers_only=newcomers_only, now=now)
            if job is not None:
                reach("job.after_claim")
                return job
    return None


def claimable(now: datetime) -> QuerySet[Job]:
    """Queued jobs that a worker with room may take now."""
    return Job.objects.filter(
        ~states.GROUP,
        Q(not_before__isnull=True) | Q(not_before__lte=now),
        states.UNFINISHED,
        state=Job.State.QUEUED,
    )


def _running_on(worker: str) -> QuerySet[Job]:
    return Job.objects.filter(states.UNFINISHED, worker=worker, state=Job.State.RUNNING)


def _is_last_thread(worker: str) -> bool:
    """Whether the claim would take the last free thread. One owner must not hold them all: the
    next owner's job would wait for a whole job to end before it could even ask for the device."""
    kept = max(1, settings.WORKER_THREADS - THREADS_KEPT_FOR_NEWCOMERS)
    return _running_on(worker).count() >= kept


def _lanes_in_turn() -> list[str]:
    """Interactive, stream, batch; but first whoever waited while others were started."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST_STARTS, {"count": STARTS_BEFORE_PROMOTION})
        starts = cursor.fetchall()
        if len(starts) < STARTS_BEFORE_PROMOTION:
            return list(LANES)
        earliest = starts[-1][1]
        promoted = []
        for place, lane in enumerate(LANES):
            if not {started for started, _ in starts} <= set(LANES[:place]):
                continue
            cursor.execute(WAITED_SINCE, {"lane": str(lane), "since": earliest})
            if cursor.fetchone():
                promoted.append(lane)
    return [*promoted, *(lane for lane in LANES if lane not in promoted)]


def _may_take_background(worker: str) -> bool:
    """Stream and batch leave threads free, so that an interactive job always finds one."""
    running = _running_on(worker).exclude(lane=Job.Lane.INTERACTIVE).count()
    return running < background_threads()


def background_threads() -> int:
    """How many threads of one worker stream and batch may hold together."""
    return max(1, settings.WORKER_THREADS - THREADS_KEPT_FOR_INTERACTIVE)


def _claim_in_lane(lane: str, *, worker: str, newcomers_only: bool, now: datetime) -> Job | None:
    while True:
        with transaction.atomic():
            chosen = _fairest(lane, worker=worker, newcomers_only=newcomers_only, now=now)
            if chosen is None:
                return None
            job = states.move(
                job_id=chosen.pk,
                source=Job.State.QUEUED,
                target=Job.State.RUNNING,
                where=Q(attempt__lt=F("max_attempts")),
                changes={
                    "lease_token": uuid4(),
                    "lease_until": now + settings.JOB_LEASE,
                    "worker": worker,
                    "attempt": F("attempt") + 1,
                    "not_before": None,
                    "started_at": now,
                    "deadline": now + _timeout(chosen.kind),
                    "stage": "",
                    "progress": 0.0,
                    "done_units": 0,
                    "error_code": "",
                    "error_detail": "",
                },
                now=now,
            )
        if job is not None:
            return job


def _fairest(lane: str, *, worker: str, newcomers_only: bool, now: datetime) -> Job | None:
    sql = FAIREST_QUEUED
    if connection.features.has_select_for_update_skip_locked:
        sql += SKIP_LOCKED
    adapt = connection.ops.adapt_datetimefield_value
    params = {
        "lane": str(lane),
        "worker": worker,
        "newcomers_only": newcomers_only,
        "now": adapt(now),
        "since": adapt(now - FAIR_SHARE_WINDOW),
    }
    return next(iter(Job.objects.raw(sql, params)), None)


def _timeout(kind: str) -> timedelta:
    try:
        own = kinds.get(kind).timeout
    except kinds.UnknownKind:
        own = None
    timeout: timedelta = own or settings.JOB_TIMEOUT
    return timeout
