"""The shapes of faces for the OpenAPI description, and the request bodies about them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from enhance.faces.reblend_kind import FaceChangeSerializer
from enhance.serializers import OptionsSerializer
from project.jobs.api.serializers import JobSerializer


class FoundFaceSerializer(serializers.Serializer[Any]):
    """Where a face is, in pixels of the uploaded picture."""

    index = serializers.IntegerField(help_text=_("From left to right; what `faces` takes."))
    box = serializers.ListField(
        child=serializers.FloatField(),
        min_length=4,
        max_length=4,
        help_text=_("Left, top, width, height."),
    )
    points = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2),
        min_length=5,
        max_length=5,
        help_text=_("Left eye, right eye, nose, left and right corner of the mouth."),
    )
    score = serializers.FloatField()


class FaceResultSerializer(FoundFaceSerializer):
    """One face of a finished picture."""

    status = serializers.ChoiceField(choices=("restored", "skipped", "failed", "unavailable"))
    enabled = serializers.BooleanField(help_text=_("Whether the result shows it."))
    fidelity = serializers.FloatField(help_text=_("0 to 1."))
    reason = serializers.CharField(
        allow_blank=True, help_text=_("Code: why the face is as it was.")
    )
    detail = serializers.CharField(allow_blank=True)
    crop_url = serializers.CharField(allow_null=True, help_text=_("The aligned face as it was."))
    restored_url = serializers.CharField(allow_null=True)


class EarlierVersionSerializer(serializers.Serializer[Any]):
    """A result that was replaced when its faces were changed."""

    version = serializers.IntegerField()
    faces = FaceChangeSerializer(many=True)
    sha256 = serializers.CharField(allow_null=True)
    url = serializers.CharField(allow_null=True)


class FacesMembersSerializer(serializers.Serializer[Any]):
    """What an enlargement says of faces."""

    face_restoration = serializers.ChoiceField(
        choices=("applied", "none_found", "off", "unavailable")
    )
    face_restoration_detail = serializers.CharField()
    face_restoration_command = serializers.CharField(
        allow_null=True, help_text=_("What an operator runs.")
    )
    faces = FaceResultSerializer(many=True)
    version = serializers.IntegerField(help_text=_("Grows each time the faces are changed."))
    earlier_versions = EarlierVersionSerializer(many=True)
    tiles_done = serializers.IntegerField()
    tiles_total = serializers.IntegerField()
    faces_done = serializers.IntegerField()
    faces_total = serializers.IntegerField()


class FacesPreviewRequestSerializer(OptionsSerializer):
    """Multipart body: the picture and the options of the run that is to follow."""

    file = serializers.FileField()


class PreviewFaceSerializer(FoundFaceSerializer):
    """One face of a preview."""

    chosen = serializers.BooleanField(help_text=_("Whether these options would restore it."))
    reason = serializers.CharField(allow_blank=True)
    thumbnail = serializers.CharField(allow_null=True, help_text=_("The aligned face."))


@extend_schema_serializer(component_name="FacesPreview")
class FacesPreviewSerializer(JobSerializer):
    """The job of a preview and what it found."""

    preview_id = serializers.UUIDField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    faces = PreviewFaceSerializer(many=True)
    warnings = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    face_restoration = serializers.ChoiceField(choices=("available", "unavailable"))
    face_restoration_detail = serializers.CharField(allow_blank=True)
    face_restoration_command = serializers.CharField(allow_null=True)
    expires_at = serializers.DateTimeField(help_text=_("When the upload is deleted."))


class ReblendRequestSerializer(serializers.Serializer[Any]):
    """The faces that are to change."""

    faces = FaceChangeSerializer(many=True, allow_empty=False)


@extend_schema_serializer(component_name="Reblend")
class ReblendSerializer(JobSerializer):
    """The job that blends the faces."""

    task_id = serializers.UUIDField(help_text=_("The enlargement."))
    status_url = serializers.CharField()


class WaitSerializer(serializers.Serializer[Any]):
    """Whether the answer may wait for the end of its small job."""

    wait = serializers.BooleanField(default=True)
