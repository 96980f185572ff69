"""The job kind `enhance.batch`: the parent of a batch. No worker runs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework import serializers

from enhance import kind as photo
from project.images.renditions import Rendition
from project.images.signing import steady_media_url
from project.jobs.kinds import JobFace, Kind

if TYPE_CHECKING:
    from project.jobs.models import Job

KEY = "enhance.batch"


class BatchParamsSerializer(serializers.Serializer[Any]):
    """How many photos were announced, and how many of them were refused at the door."""

    photos = serializers.IntegerField(min_value=1)
    refused = serializers.IntegerField(min_value=0, default=0)


def describe(jobs: Sequence[Job]) -> dict[UUID, JobFace]:
    """A name that counts, the page of the batch, the picture of its first photo."""
    from enhance.batches.models import EnhanceBatchItem

    items = (
        EnhanceBatchItem.objects.filter(batch__job__in=jobs, enhancement__isnull=False)
        .select_related("enhancement__source", "enhancement__result")
        .order_by("batch", "-index")
    )
    first = {item.batch_id: item.enhancement for item in items}
    faces = {}
    for job in jobs:
        row = first.get(job.pk)
        picture = (row.result or row.source) if row else None
        count = job.params["photos"]
        faces[job.pk] = JobFace(
            title=ngettext("Batch of %(count)s photo", "Batch of %(count)s photos", count)
            % {"count": count},
            page_url=reverse("enhance:batch", args=[job.pk]),
            thumbnail_url=steady_media_url(picture, Rendition.THUMBNAIL) if picture else "",
        )
    return faces


def resubmit(old: Job, new: Job) -> None:
    """The photos of `old` that failed or were cancelled, once more, as children of `new`."""
    from enhance.batches.retry import retry_into

    retry_into(old=old, new=new)


BATCH = Kind(
    key=KEY,
    label=_("Enlarge several photos"),
    params_serializer=BatchParamsSerializer,
    handler="",
    stages={},
    unit=_("photo"),
    errors={
        "some_failed": _("Not every photo of the batch was enlarged; its page says which."),
        "cancelled": photo.ERRORS["cancelled"],
    },
    units=lambda params: int(params["photos"]),
    resubmit=resubmit,
    result_url=lambda job: reverse("enhance_api:batch_download", args=[job.pk]),
    service="enhance",
    describe=describe,
)
