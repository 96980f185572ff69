"""Keeping the lease during one long step."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone

from project.jobs.models import Job

logger = logging.getLogger(__name__)


def beat(job: Job) -> bool:
    """Renew the lease under the token; False when another worker owns the job."""
    return bool(
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, lease_token=job.lease_token).update(
            lease_until=timezone.now() + settings.JOB_LEASE
        )
    )


class Heartbeat:
    """A daemon thread that beats every third of a lease while its `with` block runs.

    `lost` is set once the lease is gone; checkpoints look at it. The thread has its own
    database connection and closes it at the end.
    """

    def __init__(self, job: Job) -> None:
        self.lost = threading.Event()
        self._job = job
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._beat_until_stopped, name=f"heartbeat-{job.pk}", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _beat_until_stopped(self) -> None:
        interval = settings.JOB_LEASE.total_seconds() / 3
        try:
            while not self._stop.wait(interval):
                try:
                    if not beat(self._job):
                        self.lost.set()
                        return
                except DatabaseError as error:
                    logger.warning("job %s missed a heartbeat: %s", self._job.pk, error)
                    connections.close_all()
        finally:
            connections.close_all()
