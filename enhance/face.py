"""How an enlargement is recognised in lists: the name of its photo and a small picture."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from enhance.models import Enhancement
from project.images.renditions import Rendition
from project.images.signing import steady_media_url
from project.jobs.kinds import JobFace
from project.jobs.models import Job


def describe(jobs: Sequence[Job]) -> dict[UUID, JobFace]:
    """The faces of `jobs` in one query; a job without its enlargement is left out.

    Jobs that were read through their enlargements (`with_job`) cost none.
    """
    relation = Job._meta.get_field("enhancement")
    cached = (relation.get_cached_value(job, default=None) for job in jobs)
    rows: list[Enhancement] = [row for row in cached if isinstance(row, Enhancement)]
    known = {row.job_id for row in rows}
    rest = [job.pk for job in jobs if job.pk not in known]
    if rest:
        rows += Enhancement.objects.select_related("source", "result").filter(job_id__in=rest)
    return {row.job_id: _face(row) for row in rows}


def title_contains(text: str) -> Q:
    """The jobs whose photo has `text` in its name."""
    return Q(enhancement__source_name__icontains=text)


def _face(row: Enhancement) -> JobFace:
    picture = row.result or row.source
    return JobFace(
        title=row.source_name or _("Photo"),
        page_url=reverse("enhance:detail", args=[row.pk]),
        thumbnail_url=steady_media_url(picture, Rendition.THUMBNAIL) if picture else "",
    )
