"""The shapes of the enhance API for its OpenAPI description, and its request bodies."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from enhance import options as choices
from enhance.api.face_serializers import FacesMembersSerializer
from enhance.handling import HandlingSerializer
from enhance.serializers import OptionsSerializer
from project.jobs.api.serializers import JobSerializer


class EnhanceRequestSerializer(HandlingSerializer, OptionsSerializer):
    """Multipart body of a submit; the options may also come in the query."""

    file = serializers.FileField(
        help_text=_(
            "PNG, JPEG, WEBP, TIFF, BMP, GIF, HEIC or AVIF, at most 50 MB and 64 megapixels."
        )
    )
    callback_url = serializers.CharField(
        required=False,
        help_text=_("A public https:// address that is told when the job ends (a signed webhook)."),
    )


class RetryRequestSerializer(HandlingSerializer, OptionsSerializer):
    """What a retry may change; the networks run again, so `cache` means nothing here."""


class EstimateRequestSerializer(OptionsSerializer):
    """Size and options of a picture that need not exist yet."""

    width = serializers.IntegerField(min_value=1, help_text=_("Pixels."))
    height = serializers.IntegerField(min_value=1, help_text=_("Pixels."))
    source_format = serializers.ChoiceField(choices=choices.SOURCE_FORMATS, default="PNG")
    bit_depth = serializers.ChoiceField(
        choices=(8, 16), default=8, help_text=_("Bits per channel of the picture.")
    )
    has_alpha = serializers.BooleanField(
        default=False, help_text=_("Whether the picture has transparency.")
    )


class PassSerializer(serializers.Serializer[Any]):
    """One run of the network over the picture."""

    width = serializers.IntegerField()
    height = serializers.IntegerField()
    tile = serializers.IntegerField()
    pad = serializers.IntegerField()
    feather = serializers.IntegerField(help_text=_("Half width of the ramp between two tiles."))
    columns = serializers.IntegerField()
    rows = serializers.IntegerField()
    batch = serializers.IntegerField(help_text=_("Windows that go through the network at once."))
    window = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)


class PlanSerializer(serializers.Serializer[Any]):
    """What will be done and what it costs."""

    network = serializers.CharField()
    denoise = serializers.FloatField(allow_null=True)
    scale = serializers.FloatField(help_text=_("Times each side, also where a target was given."))
    device = serializers.ChoiceField(choices=("cpu", "cuda"))
    output_width = serializers.IntegerField()
    output_height = serializers.IntegerField()
    output_format = serializers.ChoiceField(choices=("PNG", "JPEG", "WEBP", "TIFF"))
    jpeg_quality = serializers.IntegerField(help_text=_("Of JPEG and WEBP."))
    bit_depth = serializers.ChoiceField(choices=(8, 16), help_text=_("Of the result."))
    passes = PassSerializer(many=True)
    tiles = serializers.IntegerField()
    views = serializers.IntegerField(
        help_text=_("Turned and mirrored views of each tile, whose mean is the result.")
    )
    enlarges_alpha = serializers.BooleanField(
        help_text=_("Whether the transparency goes through the network, too.")
    )
    units = serializers.IntegerField(
        help_text=_("How often a tile goes through the network; `total_units` of the job.")
    )
    resample = serializers.ChoiceField(choices=("none", "area", "lanczos"))
    memory_bytes = serializers.IntegerField()
    seconds = serializers.FloatField(
        allow_null=True, help_text=_("Null until this server has measured its own rate.")
    )


class PictureSerializer(serializers.Serializer[Any]):
    """The uploaded picture."""

    name = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    bit_depth = serializers.ChoiceField(choices=(8, 16), help_text=_("Bits per channel."))


class MarkingSerializer(serializers.Serializer[Any]):
    """How the file says where it comes from."""

    iptc = serializers.URLField(help_text=_("IPTC digital source type inside the file."))
    c2pa = serializers.ChoiceField(
        choices=("signed", "unavailable"), help_text=_("Content credentials.")
    )
    signer = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(
        allow_blank=True, help_text=_("Code: why the file is not signed.")
    )
    detail = serializers.CharField(allow_blank=True, help_text=_("The reason in your language."))


class ResultSerializer(PictureSerializer):
    """The finished picture."""

    media_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    digital_source_type = serializers.URLField(help_text=_("As `marking.iptc`."))
    marking = MarkingSerializer()
    url = serializers.CharField()


class WarningSerializer(serializers.Serializer[Any]):
    """Something the owner should know."""

    code = serializers.CharField()
    detail = serializers.CharField()


_STATUSES = ("queued", "processing", "completed", "failed", "cancelled")


class TaskFilterSerializer(serializers.Serializer[Any]):
    """What narrows the list of tasks."""

    status = serializers.ChoiceField(choices=_STATUSES, required=False)
    batch = serializers.UUIDField(required=False, help_text=_("Photos of one batch."))
    name = serializers.CharField(required=False, help_text=_("Part of the name of the photo."))


class SubmittedSerializer(serializers.Serializer[Any]):
    """Answer to a submit."""

    task_id = serializers.UUIDField()
    job = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.CharField()
    status = serializers.ChoiceField(choices=_STATUSES)
    message = serializers.CharField()
    created_at = serializers.DateTimeField()
    position = serializers.IntegerField(allow_null=True)
    eta_seconds = serializers.FloatField(allow_null=True)
    cached = serializers.BooleanField(
        help_text=_("Answered with an earlier result; no network ran.")
    )
    ws_url = serializers.CharField(help_text=_("Where progress is told live."))
    plan = PlanSerializer()


@extend_schema_serializer(component_name="EnhanceTask")
class TaskSerializer(FacesMembersSerializer, JobSerializer):
    """One enlargement: the fields of its job and its own."""

    task_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=_STATUSES)
    message = serializers.CharField()
    position = serializers.IntegerField(allow_null=True)
    options = OptionsSerializer()
    plan = PlanSerializer()
    # DRF takes declared fields off the class, so Field.source stays what it is.
    source = PictureSerializer(allow_null=True)  # type: ignore[assignment]  # a field of that name is meant
    result = ResultSerializer(allow_null=True)
    cached = serializers.BooleanField(
        help_text=_("Answered with an earlier result; no network ran.")
    )
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text=_("When original and result are deleted.")
    )
    dtype = serializers.CharField(allow_blank=True)
    model_versions = serializers.DictField(child=serializers.CharField())
    timings = serializers.DictField(child=serializers.FloatField())
    warnings = WarningSerializer(many=True)


class ModelSerializer(serializers.Serializer[Any]):
    """One network and whether its weights are here."""

    id = serializers.IntegerField(
        required=False, help_text=_("Of a network that an administrator added.")
    )
    name = serializers.CharField()
    task = serializers.ChoiceField(
        choices=("background", "face", "detector", "mask"), help_text=_("What it is for.")
    )
    version = serializers.CharField()
    quality_levels = serializers.ListField(
        child=serializers.CharField(),
        help_text=_("The levels that may choose it; empty: by its name alone."),
    )
    scale = serializers.IntegerField(allow_null=True)
    licence = serializers.CharField()
    commercial = serializers.BooleanField()
    state = serializers.ChoiceField(
        choices=("present", "missing", "damaged", "checking", "refused", "disabled"),
        help_text=_("The last three are shown to administrators only."),
    )
    command = serializers.CharField(allow_null=True, help_text=_("What an operator runs."))
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field of that name is meant
        choices=("catalogue", "operator")
    )
    architecture = serializers.CharField(
        required=False, help_text=_("Of a network that an administrator added.")
    )
    job = serializers.UUIDField(
        required=False, allow_null=True, help_text=_("The job that checks an added network.")
    )


class ModelUploadSerializer(serializers.Serializer[Any]):
    """Multipart body of a new network."""

    file = serializers.FileField(help_text=_("A .pth or .safetensors file with tensors only."))
    name = serializers.SlugField(max_length=60, help_text=_("How people choose it."))
    licence = serializers.CharField(max_length=200, help_text=_("SPDX name, or in words."))
    commercial = serializers.BooleanField(
        help_text=_("Whether the licence of the weights allows commercial use.")
    )


class ModelSwitchSerializer(serializers.Serializer[Any]):
    """Whether everybody may choose the network."""

    enabled = serializers.BooleanField()
