"""How a run ends: each ending is one fenced transaction, and only one of them can happen."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from project.failpoints import reach
from project.inference.errors import LeaseLost
from project.jobs import groups, states
from project.jobs.dispatch import ring_after_commit
from project.jobs.kinds import Outcome
from project.jobs.models import Job

MAX_BACKOFF = timedelta(minutes=5)
FIRST_BACKOFF = timedelta(seconds=5)
MAX_DETAIL_CHARACTERS = 4000

State = Job.State
_NOT_CANCELLED = Q(cancel_requested_at__isnull=True)


def succeed(
    *, job: Job, outcome: Outcome, device_seconds: float | None = None, now: datetime | None = None
) -> Job:
    """Commit result rows, state and last event together, under the token of `job`.

    A job that its owner cancelled before this commit ends CANCELLED instead. Raises LeaseLost,
    and whatever `outcome.commit` raises; then nothing is written.
    """
    now = now or timezone.now()
    with transaction.atomic():
        done = states.move(
            job_id=job.pk,
            source=State.RUNNING,
            target=State.SUCCEEDED,
            where=_fence(job) & _NOT_CANCELLED,
            changes={
                "progress": 1.0,
                "done_units": F("total_units"),
                "model_versions": dict(outcome.model_versions),
                **({} if device_seconds is None else {"device_seconds": device_seconds}),
            },
            data=outcome.data,
            now=now,
        )
        if done is not None:
            outcome.commit(done)
            reach("job.after_result_rows")
            groups.settle_after_commit(done)
            return done
    return cancel(job=job, now=now)


def fail(
    *,
    job: Job,
    code: str,
    detail: str = "",
    retryable: bool = False,
    now: datetime | None = None,
    rng: random.Random | None = None,
) -> Job:
    """End a failed run: QUEUED again after a back-off if `retryable` and attempts are left,
    else FAILED; CANCELLED if its owner asked for that. Raises LeaseLost."""
    now = now or timezone.now()
    explained = {"error_code": code, "error_detail": detail[:MAX_DETAIL_CHARACTERS]}
    if retryable and job.attempt < job.max_attempts:
        pause = back_off(attempt=job.attempt, rng=rng or random.SystemRandom())
        again = _leave(
            job,
            State.QUEUED,
            where=_NOT_CANCELLED,
            changes={**explained, "not_before": now + pause, "dispatched_at": None},
            data={"reason": code},
            now=now,
        )
        return again or cancel(job=job, now=now)
    failed = _leave(
        job, State.FAILED, where=_NOT_CANCELLED, changes=explained, data={"code": code}, now=now
    )
    return failed or cancel(job=job, now=now)


def cancel(*, job: Job, code: str = "cancelled", now: datetime | None = None) -> Job:
    """End a running job CANCELLED. Raises LeaseLost."""
    now = now or timezone.now()
    cancelled = _leave(
        job, State.CANCELLED, changes={"error_code": code}, data={"code": code}, now=now
    )
    if cancelled is None:
        raise LeaseLost(str(job.pk))
    return cancelled


def give_back(*, job: Job, now: datetime | None = None) -> Job:
    """Return the job of a stopping worker to the queue at once; the attempt is not spent.

    Raises LeaseLost.
    """
    now = now or timezone.now()
    with transaction.atomic():
        returned = _leave(
            job,
            State.QUEUED,
            where=_NOT_CANCELLED,
            changes={"attempt": F("attempt") - 1, "dispatched_at": None},
            data={"reason": "draining"},
            now=now,
        )
        if returned is not None:
            ring_after_commit(returned.pk)
            return returned
    return cancel(job=job, now=now)


def back_off(*, attempt: int, rng: random.Random) -> timedelta:
    """min(300 s, 5 s * 2^(attempt-1)), times 0.8 to 1.2 so that retries do not meet."""
    nominal: timedelta = min(MAX_BACKOFF, FIRST_BACKOFF * 2 ** (attempt - 1))
    return nominal * rng.uniform(0.8, 1.2)


def _leave(
    job: Job,
    target: str,
    *,
    changes: Mapping[str, object],
    data: Mapping[str, object],
    now: datetime,
    where: Q | None = None,
) -> Job | None:
    with transaction.atomic():
        left = states.move(
            job_id=job.pk,
            source=State.RUNNING,
            target=target,
            where=_fence(job) if where is None else _fence(job) & where,
            changes=changes,
            data=data,
            now=now,
        )
        if left is not None:
            groups.settle_after_commit(left)
    return left


def _fence(job: Job) -> Q:
    return Q(lease_token=job.lease_token)
