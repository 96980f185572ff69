"""The shapes of the batch API for its OpenAPI description."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from enhance.api.serializers import EnhanceRequestSerializer, ResultSerializer, WarningSerializer
from enhance.batches.state import BatchState
from enhance.handling import HandlingSerializer
from enhance.serializers import OptionsSerializer


class BatchRequestSerializer(HandlingSerializer, OptionsSerializer):
    """Body of a batch; the options hold for every photo without its own."""

    sync = None  # type: ignore[assignment]  # a batch cannot be waited for

    files = serializers.ListField(
        child=serializers.FileField(), required=False, help_text=_("Also as `files[]`.")
    )
    file_options = serializers.CharField(
        required=False,
        help_text=_(
            "JSON: a list with the own options of each file, or an object from file name to options."
        ),
    )
    callback_url = serializers.CharField(
        required=False,
        help_text=_("A public https:// address that is told when the batch ends."),
    )
    photos = serializers.IntegerField(
        required=False, min_value=1, help_text=_("Without files: how many will follow.")
    )


class BatchFileSerializer(EnhanceRequestSerializer):
    """Body of one more photo; options that are not given are those of the batch."""

    sync = None  # type: ignore[assignment]  # a batch cannot be waited for
    callback_url = None  # type: ignore[assignment]  # the batch has one


class RefusalSerializer(serializers.Serializer[Any]):
    """Why there is no result."""

    code = serializers.CharField()
    detail = serializers.CharField()


class BatchItemSerializer(serializers.Serializer[Any]):
    """One photo of a batch; without a task when it was refused."""

    index = serializers.IntegerField()
    name = serializers.CharField()
    task_id = serializers.UUIDField(allow_null=True)
    status = serializers.ChoiceField(
        choices=("queued", "processing", "completed", "failed", "cancelled")
    )
    message = serializers.CharField()
    progress = serializers.FloatField()
    stage = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    position = serializers.IntegerField(allow_null=True)
    eta_seconds = serializers.FloatField(allow_null=True)
    error = RefusalSerializer(allow_null=True)
    cached = serializers.BooleanField()
    warnings = WarningSerializer(many=True)
    result = ResultSerializer(allow_null=True)


class BatchSerializer(serializers.Serializer[Any]):
    """One batch; `progress` is 0 to 1 and counts the share of every photo."""

    batch_task_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=[state.value for state in BatchState])
    message = serializers.CharField()
    progress = serializers.FloatField()
    total = serializers.IntegerField()
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    processing = serializers.IntegerField()
    queued = serializers.IntegerField()
    is_open = serializers.BooleanField(help_text=_("More photos may come."))
    eta_seconds = serializers.FloatField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    options = serializers.DictField()
    task_ids = serializers.ListField(child=serializers.UUIDField())
    items = BatchItemSerializer(many=True)
    download_url = serializers.CharField(allow_null=True)
