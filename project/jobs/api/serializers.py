"""The schema of what payload.py builds, and of the events of a job."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from project.jobs.api.payload import JobPayload, timestamp
from project.jobs.models import Job, JobEvent


class JobErrorSerializer(serializers.Serializer[Any]):
    """Why a job failed."""

    code = serializers.CharField(help_text=_("Stable."))
    detail = serializers.CharField(help_text=_("In your language."))


@extend_schema_serializer(component_name="Job")
class JobSerializer(serializers.Serializer[Any]):
    """One job, the same object in REST, the WebSocket feed, SSE and polling."""

    job = serializers.UUIDField()
    kind = serializers.CharField()
    service = serializers.CharField(
        allow_blank=True, help_text=_("For example `enhance`; empty for an unknown kind.")
    )
    title = serializers.CharField(help_text=_("What its owner knows it by, in your language."))
    page_url = serializers.CharField(help_text=_("Its page for people."))
    thumbnail_url = serializers.CharField(
        allow_blank=True,
        help_text=_("Signed, for about an hour; read the job again for a new one. May be empty."),
    )
    favourite = serializers.BooleanField()
    state = serializers.ChoiceField(choices=Job.State.choices)
    stage = serializers.CharField(allow_blank=True, help_text=_("Code of the present step."))
    progress = serializers.FloatField(min_value=0, max_value=1)
    done = serializers.IntegerField(min_value=0, help_text=_("Units done."))
    total = serializers.IntegerField(min_value=0, help_text=_("Units in all, 0 while unknown."))
    seq = serializers.IntegerField(min_value=0, help_text=_("Number of the last stored event."))
    attempt = serializers.IntegerField(min_value=0)
    eta_seconds = serializers.FloatField(allow_null=True)
    eta_reason = serializers.CharField(allow_blank=True)
    queue_position = serializers.IntegerField(allow_null=True)
    cancel_requested = serializers.BooleanField()
    parent = serializers.UUIDField(  # type: ignore[assignment]  # a field of that name is meant
        allow_null=True, help_text=_("The batch this belongs to.")
    )
    retry_of = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    error = JobErrorSerializer(allow_null=True)
    result_url = serializers.CharField(allow_null=True)

    def to_representation(self, instance: JobPayload) -> JobPayload:  # type: ignore[override]  # payloads are dicts already
        """The payload is complete already; this class only describes it."""
        return instance


class JobEventSerializer(serializers.Serializer[JobEvent]):
    """One stored step in the history of a job."""

    seq = serializers.IntegerField(min_value=1)
    event = serializers.ChoiceField(choices=JobEvent.Name.choices, source="name")
    data = serializers.JSONField()  # type: ignore[assignment]  # a field of that name is meant
    at = serializers.SerializerMethodField()

    def get_at(self, event: JobEvent) -> str:
        """RFC 3339."""
        return timestamp(event.at)
