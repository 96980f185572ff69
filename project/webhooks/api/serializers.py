"""The shapes of the webhook API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from project.webhooks.models import Delivery, DeliveryAttempt


class CallbackSerializer(serializers.Serializer[Any]):
    """Where the end of a job is sent."""

    url = serializers.CharField(
        allow_null=True,
        max_length=2048,
        help_text=_("A public https:// address. Null: nobody is told."),
    )


class NewCallbackSerializer(serializers.Serializer[Any]):
    """The body that sets it."""

    url = serializers.CharField(help_text=_("A public https:// address."))


class SecretSerializer(serializers.Serializer[Any]):
    """What may be known of a signing secret after it was shown."""

    created_at = serializers.DateTimeField(allow_null=True, help_text=_("Null before the first."))
    previous_valid_until = serializers.DateTimeField(
        allow_null=True, help_text=_("While a time: the secret before signs as well.")
    )


class NewSecretSerializer(SecretSerializer):
    """With the secret, this once."""

    secret = serializers.CharField(help_text=_("Shown in this answer and nowhere else."))


class AttemptSerializer(serializers.ModelSerializer[DeliveryAttempt]):
    """One try."""

    class Meta:
        model = DeliveryAttempt
        fields = ("number", "at", "seconds", "status_code", "error_code", "excerpt")


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One event for one address."""

    job = serializers.UUIDField(
        source="job_id", allow_null=True, help_text=_("Null when the job was deleted.")
    )

    class Meta:
        model = Delivery
        fields = (
            "id", "job", "type", "url", "state", "attempts", "attempts_left", "next_attempt_at",
            "status_code", "error_code", "created_at", "finished_at",
        )  # fmt: skip


class DeliveryDetailSerializer(DeliverySerializer):
    """With what was sent and every attempt."""

    event = serializers.JSONField(help_text=_("The body as it would be sent now."))
    tries = AttemptSerializer(many=True)

    class Meta(DeliverySerializer.Meta):
        fields = (*DeliverySerializer.Meta.fields, "event", "tries")  # type: ignore[assignment]  # longer
