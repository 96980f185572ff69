"""One enlargement as its owner sees it: the words of the original service, and the job's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from enhance.faces.payload import faces_members, read_faces
from enhance.marking import SOURCE_TYPE, marking_payload
from enhance.models import Enhancement
from enhance.names import name_of_result
from enhance.warnings import warnings_in_words
from project.images.formats import FORMATS
from project.images.models import ImageRecord
from project.jobs.api.payload import JobPayload, job_payloads, timestamp
from project.jobs.models import Job
from project.realtime.events import FEED_PATH

# The original service's words for the states of a task.
STATUSES = {
    Job.State.QUEUED: "queued",
    Job.State.RUNNING: "processing",
    Job.State.SUCCEEDED: "completed",
    Job.State.FAILED: "failed",
    Job.State.CANCELLED: "cancelled",
}


def enhancement_payloads(enhancements: Iterable[Enhancement]) -> list[dict[str, Any]]:
    """The payloads in their order; the jobs are estimated together."""
    rows = list(enhancements)
    read_faces(rows)
    jobs = job_payloads([row.job for row in rows])
    return [_payload(row, job) for row, job in zip(rows, jobs, strict=True)]


def _payload(row: Enhancement, job: JobPayload) -> dict[str, Any]:
    return {
        "task_id": str(row.pk),
        "status": STATUSES[Job.State(row.job.state)],
        "message": _message(row, job),
        "position": job["queue_position"],
        **job,
        "options": row.options,
        "plan": row.plan,
        "source": _picture(row.source, name=row.source_name),
        "result": _result(row),
        "cached": row.is_cached,
        "expires_at": _expiry(row),
        **faces_members(row),
        "dtype": row.dtype,
        "model_versions": row.job.model_versions,
        "timings": row.timings,
        "warnings": [{"code": code, "detail": detail} for code, detail in warnings_in_words(row)],
    }


def _message(row: Enhancement, job: JobPayload) -> str:
    if job["error"]:
        return job["error"]["detail"]
    return str(Job.State(row.job.state).label)


def _picture(record: ImageRecord | None, *, name: str) -> dict[str, Any] | None:
    if record is None:
        return None
    return {
        "name": name,
        "width": record.width,
        "height": record.height,
        "bit_depth": record.bit_depth,
    }


def _result(row: Enhancement) -> dict[str, Any] | None:
    record = row.result
    if record is None:
        return None
    return {
        "name": name_of_result(row),
        "width": record.width,
        "height": record.height,
        "bit_depth": record.bit_depth,
        "media_type": FORMATS[record.format].media_type,
        "size_bytes": record.size_bytes,
        "sha256": record.sha256,
        "digital_source_type": str(SOURCE_TYPE),
        "marking": marking_payload(row.marking),
        "url": reverse("enhance_api:download", args=[row.pk]),
    }


def _expiry(row: Enhancement) -> str | None:
    record = row.result or row.source
    moment = record.expires_at if record else None
    return timestamp(moment) if moment else None


def submitted_payload(row: Enhancement) -> dict[str, Any]:
    """The answer to a submit: short, with the fields of the original service."""
    full = enhancement_payloads([row])[0]
    wanted = (
        "task_id", "job", "kind", "state", "status", "created_at", "position", "eta_seconds", "cached",
    )  # fmt: skip
    message = _("The photo is queued.") if full["status"] == "queued" else full["message"]
    return {
        **{name: full[name] for name in wanted},
        "message": message,
        "ws_url": f"/{FEED_PATH}",
        "plan": full["plan"],
    }
