"""The times of one job as a person counts them: how long it waited, how long it ran."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from project.jobs.models import Job


@dataclass(frozen=True, kw_only=True)
class JobFacts:
    """Seconds; None for what has not begun. An unfinished job counts until now."""

    waited_seconds: float | None
    ran_seconds: float | None


def job_facts(job: Job, *, now: datetime | None = None) -> JobFacts:
    """`started_at` is that of the newest attempt, so the wait includes earlier ones."""
    now = now or timezone.now()
    end = job.finished_at or now
    began = job.started_at
    return JobFacts(
        waited_seconds=((began or end) - job.created_at).total_seconds(),
        ran_seconds=(end - began).total_seconds() if began else None,
    )
