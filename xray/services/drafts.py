"""What a language model wrote is shown while it writes and kept nowhere."""

from __future__ import annotations

from project.jobs.models import Job, JobEvent
from xray.kind import REPORT

DRAFT = "draft"


def forget_drafts(job: Job) -> None:
    """Take the unchecked text out of the events of a report job that ends, however it ends.

    Runs inside the ending transaction. The events themselves stay: their numbers have no gaps.
    """
    if job.kind != REPORT:
        return
    told = [
        event
        for event in JobEvent.objects.filter(job=job, name=JobEvent.Name.PARTIAL)
        if DRAFT in event.data
    ]
    for event in told:
        del event.data[DRAFT]
    JobEvent.objects.bulk_update(told, ["data"], batch_size=200)
