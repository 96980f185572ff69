"""How studies and reports are recognised in lists: a pseudonym, a number, a small picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from project.images.renditions import Rendition
from project.images.signing import steady_media_url
from project.jobs.kinds import JobFace
from project.jobs.models import Job
from xray.choices import StudyStatus
from xray.models import Study


def describe_studies(jobs: Sequence[Job]) -> Mapping[UUID, JobFace]:
    """The faces of `jobs` in one query; none for jobs that were read through their studies.

    The name of the uploaded file was never kept: it may be a patient's.
    """
    relation = Job._meta.get_field("xray_study")
    cached = (relation.get_cached_value(job, default=None) for job in jobs)
    rows: list[Study] = [row for row in cached if isinstance(row, Study)]
    known = {row.job_id for row in rows}
    rest = [job.pk for job in jobs if job.pk not in known]
    if rest:
        rows += Study.objects.select_related("film").filter(job_id__in=rest)
    return {row.job_id: _face(row) for row in rows}


def describe_reports(jobs: Sequence[Job]) -> Mapping[UUID, JobFace]:
    """A further report is known by its study."""
    return {
        job.pk: JobFace(
            title=_("Report for film %(number)s")
            % {"number": number_of(UUID(job.params["study"]))},
            page_url=reverse("xray:detail", args=[job.params["study"]]),
        )
        for job in jobs
    }


def title_contains(text: str) -> Q:
    """The jobs whose pseudonym has `text` in it."""
    return Q(xray_study__patient_key__icontains=text)


def number_of(study: UUID) -> str:
    """The end of its id: enough to tell two films of one person apart."""
    return str(study)[-6:]


def title_of(study: Study) -> str:
    """Pseudonym and number."""
    return f"{study.patient_key or _('Film')} {number_of(study.pk)}"


def _face(study: Study) -> JobFace:
    title = title_of(study)
    if study.status == StudyStatus.REFUSED:
        # First, because lists cut the end of a long title off.
        title = _("Refused: %(title)s") % {"title": title}
    return JobFace(
        title=title,
        page_url=study.get_absolute_url(),
        thumbnail_url=steady_media_url(study.film, Rendition.THUMBNAIL) if study.film else "",
    )
