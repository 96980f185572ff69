"""What a running job tells: one fenced UPDATE for lease, progress, stage and `seq`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from project.inference.errors import Cancelled, DeadlineExceeded, Draining, LeaseLost
from project.jobs import history
from project.jobs.codes import OWNER_DEACTIVATED
from project.jobs.drain import Drain, worker_drain
from project.jobs.models import Job, JobEvent

STORE_INTERVAL = timedelta(milliseconds=500)
PUSH_INTERVAL = timedelta(milliseconds=200)


def report(
    *,
    job: Job,
    stage: str,
    done: int,
    total: int,
    progress: float,
    store: bool,
    now: datetime,
    partial: Mapping[str, Any] | None = None,
    eta_seconds: float | None = None,
    device_seconds: float | None = None,
) -> Job:
    """Renew the lease and write the progress in one UPDATE under the token of `job`.

    `store` also records an event with the next `seq`; otherwise the push is ephemeral.
    Returns the row as it is now. Raises LeaseLost when the token no longer holds the job.
    """
    rows = Job.objects.filter(state=Job.State.RUNNING, lease_token=job.lease_token)
    changes: dict[str, Any] = {
        "lease_until": now + settings.JOB_LEASE,
        "stage": stage,
        "progress": progress,
        "done_units": done,
        "total_units": total,
    }
    if device_seconds is not None:
        changes["device_seconds"] = device_seconds
    event = JobEvent.Name.PROGRESS if partial is None else JobEvent.Name.PARTIAL
    data = {"stage": stage, "done": done, "total": total, "progress": progress, **(partial or {})}
    if store:
        fresh = history.append(
            rows,
            job_id=job.pk,
            event=event,
            changes=changes,
            data=data,
            now=now,
            eta_seconds=eta_seconds,
        )
        if fresh is None:
            raise LeaseLost(str(job.pk))
        return fresh
    with transaction.atomic():
        if not rows.filter(pk=job.pk).update(updated_at=now, **changes):
            raise LeaseLost(str(job.pk))
        fresh = Job.objects.select_related("owner").get(pk=job.pk)
        history.announce(fresh, event=event, ephemeral=True, data=data, eta_seconds=eta_seconds)
    return fresh


class Checkpoint:
    """The checkpoint of one run: `checkpoint(stage, done, total, partial)`.

    `done` and `total` count units of the whole job; the shown share never goes back within an
    attempt. At most 5 writes a second reach the row and the socket, at most 2 of them become
    events; a new stage is told at once. The newest partial result waits for the next event.
    Raises LeaseLost, Cancelled, DeadlineExceeded or Draining.
    """

    def __init__(
        self,
        *,
        job: Job,
        lost: threading.Event,
        drain: Drain = worker_drain,
        eta: Callable[[int, int], float | None] = lambda done, total: None,
        device_seconds: Callable[[], float] | None = None,
        clock: Callable[[], datetime] = timezone.now,
    ) -> None:
        self._job = job
        self._lost = lost
        self._drain = drain
        self._eta = eta
        self._device_seconds = device_seconds
        self._clock = clock
        self._progress = 0.0
        self._partial: Mapping[str, Any] | None = None
        self._stored_at: datetime | None = None
        self._pushed_at: datetime | None = None
        self._told: tuple[str, int, int] | None = None

    def __call__(
        self, stage: str, done: int, total: int, partial: Mapping[str, Any] | None = None
    ) -> None:
        now = self._clock()
        if total > 0:
            self._progress = max(self._progress, min(1.0, done / total))
        if partial is not None:
            self._partial = partial
        if self._lost.is_set():
            raise LeaseLost(str(self._job.pk))
        # A stage may be long and silent: it is told at once, with whatever waits.
        if self._is_new_stage(stage) or self._is_over(self._pushed_at, PUSH_INTERVAL, now):
            self._write(stage, done, total, now)
        if self._job.deadline is not None and now >= self._job.deadline:
            raise DeadlineExceeded(f"deadline {self._job.deadline.isoformat()}")
        if self._drain.is_due:
            raise Draining(self._job.worker)

    def _write(self, stage: str, done: int, total: int, now: datetime) -> None:
        # A checkpoint inside a long unit tells nothing new: no event, but lease and cancel.
        is_news = self._partial is not None or (stage, done, total) != self._told
        is_due = self._is_new_stage(stage) or self._is_over(self._stored_at, STORE_INTERVAL, now)
        store = is_news and is_due
        row = report(
            job=self._job,
            stage=stage,
            done=done,
            total=total,
            progress=self._progress,
            store=store,
            partial=self._partial if store else None,
            eta_seconds=self._eta(done, total),
            device_seconds=self._device_seconds() if self._device_seconds else None,
            now=now,
        )
        self._pushed_at = now
        if store:
            self._stored_at, self._partial = now, None
            self._told = stage, done, total
        if row.cancel_requested_at is not None:
            raise Cancelled
        if not row.owner.is_active:
            raise Cancelled(OWNER_DEACTIVATED)

    def _is_new_stage(self, stage: str) -> bool:
        return self._told is not None and stage != self._told[0]

    @staticmethod
    def _is_over(last: datetime | None, interval: timedelta, now: datetime) -> bool:
        return last is None or now - last >= interval
