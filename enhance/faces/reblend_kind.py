"""The job kind `enhance.reblend`: the stored faces over the stored background, once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from enhance.face import describe
from enhance.faces.fields import FidelityField
from enhance.options import MAX_FACES
from project.jobs.kinds import JobFace, Kind

if TYPE_CHECKING:
    from project.jobs.models import Job

KEY = "enhance.reblend"

STAGES = {
    "decode": _("Reading the picture"),
    "paste": _("Putting the faces in"),
    "encode": _("Writing the result"),
}
ERRORS = {
    "invalid_input": _("The stored parts of this result cannot be read any more. Please run it again."),
    "superseded": _("The faces were changed again meanwhile."),
    "cancelled": _("The faces were left as they were."),
}  # fmt: skip


class FaceChangeSerializer(serializers.Serializer[Any]):
    """What one face is to become; what is left out stays."""

    index = serializers.IntegerField(min_value=0, max_value=MAX_FACES - 1)
    enabled = serializers.BooleanField(required=False, help_text=_("Whether the result shows it."))
    fidelity = FidelityField(required=False, help_text=_("0 to 1."))


class ReblendParamsSerializer(serializers.Serializer[Any]):
    """What the job row keeps: every face that has a restored crop, as it is to be."""

    enhancement = serializers.UUIDField()
    faces = FaceChangeSerializer(many=True, allow_empty=False)


def describe_reblends(jobs: Sequence[Job]) -> dict[UUID, JobFace]:
    """A blend is recognised by its enlargement; a constant number of queries."""
    from enhance.faces.models import Reblend

    rows = Reblend.objects.filter(job__in=jobs).select_related("enhancement__job")
    owners = {row.job_id: row.enhancement.job for row in rows}
    faces = describe(list(owners.values()))
    return {job_id: faces[owner.pk] for job_id, owner in owners.items() if owner.pk in faces}


def title_contains(text: str) -> Q:
    """The blends of photos that have `text` in their name."""
    return Q(reblend__enhancement__source_name__icontains=text)


def resubmit(old: Job, new: Job) -> None:
    """A retry blends the same enlargement again, if that still exists."""
    from enhance.faces.models import Reblend

    previous = Reblend.objects.get(job=old)
    Reblend.objects.create(
        id=new.pk, job=new, enhancement=previous.enhancement, faces=new.params["faces"]
    )


REBLEND = Kind(
    key=KEY,
    label=_("Change restored faces"),
    params_serializer=ReblendParamsSerializer,
    handler="enhance.faces.reblend_handler:handle",
    stages=STAGES,
    unit=_("face"),
    errors=ERRORS,
    units=lambda params: len(params["faces"]),
    retryable=frozenset({"storage"}),
    resubmit=resubmit,
    service="enhance",
    describe=describe_reblends,
    title_contains=title_contains,
)
