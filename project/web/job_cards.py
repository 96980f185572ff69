"""Jobs as the pages show them: words instead of codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from project.jobs import estimates, kinds
from project.jobs.codes import describe_error, describe_stage
from project.jobs.faces import face_of, faces_of, service_of
from project.jobs.models import Job

if TYPE_CHECKING:
    from project.jobs.estimates import Estimate
    from project.jobs.kinds import JobFace


@dataclass(frozen=True, kw_only=True)
class JobCard:
    """One job in the reader's language."""

    job: Job
    kind: str
    service: str
    title: str
    page_url: str
    thumbnail_url: str
    is_favourite: bool
    stage: str
    percent: int
    error: str
    result_url: str | None
    estimate: Estimate | None

    @property
    def is_live(self) -> bool:
        """Whether the card still changes."""
        return not self.job.is_terminal


def job_cards(jobs: Iterable[Job]) -> list[JobCard]:
    """Cards in the order of `jobs`; a constant number of queries."""
    rows = list(jobs)
    known = estimates.for_jobs(rows)
    faces = faces_of(rows)
    return [job_card(job, known.get(job.pk), faces[job.pk]) for job in rows]


def job_card(job: Job, estimate: Estimate | None, face: JobFace | None = None) -> JobCard:
    """One card; a job whose app is no longer installed shows its codes."""
    face = face or face_of(job)
    try:
        kind = kinds.get(job.kind)
    except kinds.UnknownKind:
        label, result = job.kind, None
    else:
        label = str(kind.label)
        finished = job.state == Job.State.SUCCEEDED
        result = kind.result_url(job) if kind.result_url and finished else None
    return JobCard(
        job=job,
        kind=label,
        service=service_of(job),
        title=face.title,
        page_url=face.page_url,
        thumbnail_url=face.thumbnail_url,
        is_favourite=job.is_favourite,
        stage=describe_stage(job),
        percent=round(job.progress * 100),
        error=describe_error(job),
        result_url=result,
        estimate=estimate,
    )
