"""Jobs as the pages show them: words instead of codes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from project.jobs import estimates, kinds
from project.jobs.api.error_text import error_text
from project.jobs.models import Job

if TYPE_CHECKING:
    from project.jobs.estimates import Estimate


@dataclass(frozen=True, kw_only=True)
class JobCard:
    """One job in the reader's language; `stages` is the JSON that `<job-progress>` takes."""

    job: Job
    kind: str
    stage: str
    stages: str
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
    return [job_card(job, known.get(job.pk)) for job in rows]


def job_card(job: Job, estimate: Estimate | None) -> JobCard:
    """One card; a job whose app is no longer installed shows its codes."""
    try:
        kind = kinds.get(job.kind)
    except kinds.UnknownKind:
        label, stages, result = job.kind, {}, None
    else:
        label = str(kind.label)
        stages = {code: str(text) for code, text in kind.stages.items()}
        finished = job.state == Job.State.SUCCEEDED
        result = kind.result_url(job) if kind.result_url and finished else None
    return JobCard(
        job=job,
        kind=label,
        stage=stages.get(job.stage, job.stage),
        stages=json.dumps(stages, ensure_ascii=False),
        percent=round(job.progress * 100),
        error=error_text(job.kind, job.error_code) if job.error_code else "",
        result_url=result,
        estimate=estimate,
    )
