"""How jobs are recognised in lists: each kind describes its own, here they come together."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse

from project.jobs import kinds
from project.jobs.kinds import JobFace, Kind
from project.jobs.models import Job


def faces_of(jobs: Sequence[Job]) -> dict[UUID, JobFace]:
    """A face for each of `jobs`; as many queries as the kinds among them need, whatever the
    number of jobs."""
    faces = {job.pk: _plain_face(job) for job in jobs}
    for key in sorted({job.kind for job in jobs}):
        kind = _kind(key)
        if kind and kind.describe:
            faces.update(kind.describe([job for job in jobs if job.kind == key]))
    return faces


def face_of(job: Job) -> JobFace:
    """The face of one job."""
    return faces_of([job])[job.pk]


def service_of(job: Job) -> str:
    """The service that the job belongs to; empty when its app is no longer installed."""
    kind = _kind(job.kind)
    return kind.service if kind else ""


def _plain_face(job: Job) -> JobFace:
    """The label of the kind and the page that every job has."""
    kind = _kind(job.kind)
    title = str(kind.label) if kind else job.kind
    return JobFace(title=title, page_url=reverse("web:job", args=[job.pk]))


def _kind(key: str) -> Kind | None:
    try:
        return kinds.get(key)
    except kinds.UnknownKind:  # the app that made this job is no longer installed
        return None
