"""The job kind `enhance.faces_preview`: which faces a picture has, before anything is done to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from enhance.serializers import OptionsSerializer
from project.errors import ServiceError
from project.images.renditions import Rendition
from project.images.signing import steady_media_url
from project.jobs.kinds import JobFace, Kind

if TYPE_CHECKING:
    from project.jobs.models import Job

KEY = "enhance.faces_preview"

STAGES = {
    "decode": gettext_lazy("Reading the picture"),
    "detect": gettext_lazy("Looking for faces"),
}
ERRORS = {
    "model_unavailable": gettext_lazy(
        "The weights of the face detector are missing on this server. An operator can fetch them with: manage.py models pull --embedded"
    ),
    "invalid_input": gettext_lazy("The stored picture cannot be read any more. Please upload it again."),
}  # fmt: skip


class PreviewParamsSerializer(OptionsSerializer):
    """The options of the run that the preview is made for, and the size of the picture."""

    width = serializers.IntegerField(min_value=1)
    height = serializers.IntegerField(min_value=1)


def describe(jobs: Sequence[Job]) -> dict[UUID, JobFace]:
    """Name and picture of the upload; one query."""
    from enhance.faces.models import FacesPreview

    rows = FacesPreview.objects.filter(job__in=jobs).select_related("source")
    return {
        row.job_id: JobFace(
            title=row.source_name or _("Photo"),
            page_url=reverse("enhance:list"),
            thumbnail_url=steady_media_url(row.source, Rendition.THUMBNAIL) if row.source else "",
        )
        for row in rows
    }


def title_contains(text: str) -> Q:
    """The previews of photos that have `text` in their name."""
    return Q(faces_preview__source_name__icontains=text)


def resubmit(old: Job, new: Job) -> None:
    """An upload for a preview lives for an hour and belongs to one job: it comes again instead."""
    del old, new
    raise ServiceError(
        _("The original has been deleted. Please upload it again."),
        code="source_gone",
        status=409,
    )


FACES_PREVIEW = Kind(
    key=KEY,
    label=gettext_lazy("Find the faces of a photo"),
    params_serializer=PreviewParamsSerializer,
    handler="enhance.faces.preview_handler:handle",
    stages=STAGES,
    unit=gettext_lazy("step"),
    errors=ERRORS,
    units=lambda params: 2,
    retryable=frozenset({"storage"}),
    resubmit=resubmit,
    service="enhance",
    describe=describe,
    title_contains=title_contains,
)
