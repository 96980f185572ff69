"""What a client is told of an analysis that did not come to an end of its own."""

from __future__ import annotations

from http import HTTPStatus

from project.errors import ServiceError
from project.jobs.codes import describe_error
from project.jobs.models import Job

# Everything else is a fault of this server: 500.
STATUSES = {
    "deadline_exceeded": HTTPStatus.GATEWAY_TIMEOUT,
    "device_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "invalid_input": HTTPStatus.UNPROCESSABLE_ENTITY,
    "model_in_use": HTTPStatus.SERVICE_UNAVAILABLE,
    "model_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "queue_full": HTTPStatus.SERVICE_UNAVAILABLE,
    "storage": HTTPStatus.SERVICE_UNAVAILABLE,
}


def check_not_failed(job: Job) -> None:
    """Raises ServiceError: analysis_failed (STATUSES by `error_code`), analysis_cancelled (409)."""
    if job.state == Job.State.CANCELLED:
        raise ServiceError(
            describe_error(job), code="analysis_cancelled", status=409, extra=_told(job)
        )
    if job.state == Job.State.FAILED:
        status = STATUSES.get(job.error_code, HTTPStatus.INTERNAL_SERVER_ERROR)
        raise ServiceError(
            describe_error(job), code="analysis_failed", status=status, extra=_told(job)
        )


def _told(job: Job) -> dict[str, str]:
    return {"study_id": str(job.pk), "error_code": job.error_code}
