"""The one shape of a job: REST, the socket, SSE and polling all send what is built here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypedDict, cast

from project.jobs import estimates, kinds
from project.jobs.codes import describe_error
from project.jobs.faces import face_of, faces_of, service_of
from project.jobs.models import Job

if TYPE_CHECKING:
    from project.jobs.estimates import Estimate
    from project.jobs.kinds import JobFace

StateName = Literal["queued", "running", "succeeded", "failed", "cancelled"]


ENDED_BADLY = (Job.State.FAILED, Job.State.CANCELLED)


class JobErrorPayload(TypedDict):
    """Why a job failed or was cancelled: a stable code and its text in the reader's language."""

    code: str
    detail: str


class JobPayload(TypedDict):
    """One job as its owner sees it; `seq` is the number of its last stored event."""

    job: str
    kind: str
    service: str
    title: str
    page_url: str
    thumbnail_url: str
    favourite: bool
    state: StateName
    stage: str
    progress: float
    done: int
    total: int
    seq: int
    attempt: int
    eta_seconds: float | None
    eta_reason: str
    queue_position: int | None
    cancel_requested: bool
    parent: str | None
    retry_of: str | None
    created_at: str
    updated_at: str
    started_at: str | None
    finished_at: str | None
    error: JobErrorPayload | None
    result_url: str | None


def job_payloads(jobs: Iterable[Job]) -> list[JobPayload]:
    """The payloads of `jobs` in their order, estimated together (constant number of queries)."""
    rows = list(jobs)
    known = estimates.for_jobs(rows)
    faces = faces_of(rows)
    return [job_payload(job, known.get(job.pk), faces[job.pk]) for job in rows]


def job_payload(job: Job, estimate: Estimate | None, face: JobFace | None = None) -> JobPayload:
    """One job in the active language; a job without an estimate shows no time."""
    face = face or face_of(job)
    return {
        "job": str(job.pk),
        "kind": job.kind,
        "service": service_of(job),
        "title": face.title,
        "page_url": face.page_url,
        "thumbnail_url": face.thumbnail_url,
        "favourite": job.is_favourite,
        "state": state_name(job.state),
        "stage": job.stage,
        "progress": job.progress,
        "done": job.done_units,
        "total": job.total_units,
        "seq": job.seq,
        "attempt": job.attempt,
        "eta_seconds": estimate.eta_seconds if estimate else None,
        "eta_reason": (estimate.reason or "") if estimate else "",
        "queue_position": estimate.queue_position if estimate else None,
        "cancel_requested": job.cancel_requested_at is not None,
        "parent": str(job.parent_id) if job.parent_id else None,
        "retry_of": str(job.retry_of_id) if job.retry_of_id else None,
        "created_at": timestamp(job.created_at),
        "updated_at": timestamp(job.updated_at),
        "started_at": timestamp(job.started_at) if job.started_at else None,
        "finished_at": timestamp(job.finished_at) if job.finished_at else None,
        "error": _error(job),
        "result_url": _result_url(job),
    }


def state_name(state: str) -> StateName:
    """The state as the type of the protocol; raises ValueError for another word."""
    return cast("StateName", Job.State(state).value)


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, with microseconds so that `updated_since` can repeat it exactly."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _error(job: Job) -> JobErrorPayload | None:
    if job.state not in ENDED_BADLY or not job.error_code:
        return None
    return {"code": job.error_code, "detail": describe_error(job)}


def _result_url(job: Job) -> str | None:
    if job.state != Job.State.SUCCEEDED:
        return None
    try:
        find = kinds.get(job.kind).result_url
    except kinds.UnknownKind:  # the app that made this job is no longer installed
        return None
    return find(job) if find else None
