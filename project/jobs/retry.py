"""The same work again, as a new job that is linked to the old one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from project.errors import ServiceError
from project.jobs import kinds
from project.jobs.models import Job
from project.jobs.submit import submit_job


def retry_job(
    *,
    job: Job,
    params: Mapping[str, Any] | None = None,
    parent: Job | None = None,
    lane: str | None = None,
) -> Job:
    """Submit `job` once more, with its own or other parameters; `parent` is its new batch.

    The kind's `resubmit` copies the feature row. Raises ServiceError `not_retryable` (409)
    while the job has not ended, and everything that submit_job raises.
    """
    if not job.is_terminal:
        raise ServiceError(_("The job has not ended yet."), code="not_retryable", status=409)
    spec = kinds.get(job.kind) if job.kind in {kind.key for kind in kinds.all_kinds()} else None
    resubmit = spec.resubmit if spec else None
    return submit_job(
        owner=job.owner,
        kind=job.kind,
        params=job.params if params is None else params,
        lane=lane or job.lane,
        parent=parent,
        priority=job.priority,
        retry_of=job,
        attach=None if resubmit is None else lambda new: resubmit(job, new),
    ).job
