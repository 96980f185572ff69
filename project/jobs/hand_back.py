"""Giving back what a worker still runs when its threads cannot do it themselves."""

from __future__ import annotations

import logging

from project.inference.errors import LeaseLost
from project.jobs import finish, states
from project.jobs.codes import DEVICE_STUCK
from project.jobs.health import ANY_JOB
from project.jobs.models import Job

logger = logging.getLogger(__name__)


def hand_back(*, worker: str, suspect: str | None = None, detail: str = "") -> int:
    """Return the running jobs of `worker` to the queue under their own leases; how many.

    A suspect (see Health) spends its attempt and fails once they are spent; the attempts of all
    others are not. The threads that ran them are fenced out.
    """
    returned = 0
    running = Job.objects.filter(states.UNFINISHED, worker=worker, state=Job.State.RUNNING)
    for job in running.order_by("pk"):
        try:
            if suspect is not None and suspect in (ANY_JOB, str(job.pk)):
                finish.fail(job=job, code=DEVICE_STUCK, detail=detail, retryable=True)
            else:
                finish.give_back(job=job)
        except LeaseLost:
            logger.info("job %s ended by itself meanwhile", job.pk)
        else:
            returned += 1
    return returned
