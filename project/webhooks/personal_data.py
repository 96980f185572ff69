"""The webhooks that a person takes along, and their end when the person leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import register_eraser, register_exporter
from project.webhooks.models import Callback, Delivery, DeliveryAttempt, SigningSecret

_DELIVERY_FIELDS = (
    "id", "job", "url", "type", "data", "state", "attempts", "status_code", "error_code",
    "created_at", "claimed_at", "finished_at",
)  # fmt: skip
_ATTEMPT_FIELDS = ("delivery", "number", "at", "seconds", "status_code", "error_code", "excerpt")


def register_all() -> None:
    """Called once, when the app is ready."""
    register_exporter("webhooks", export_webhooks)
    register_eraser(
        "webhooks",
        erase_webhooks,
        words={"deliveries": _("Webhook deliveries"), "signing_secrets": _("Webhook secrets")},
    )


def export_webhooks(user: User) -> Iterator[tuple[str, list[Any]]]:
    """Addresses, deliveries with every attempt, and when secrets were made; never a secret."""
    deliveries = Delivery.objects.visible_to(user).order_by("pk")
    callbacks = Callback.objects.filter(job__owner=user).order_by("pk")
    attempts = DeliveryAttempt.objects.filter(delivery__in=deliveries).order_by("pk")
    secrets = SigningSecret.objects.filter(owner=user).order_by("pk")
    yield "webhooks/callbacks.json", _plain(callbacks.values("job", "url", "created_at"))
    yield "webhooks/deliveries.json", _plain(deliveries.values(*_DELIVERY_FIELDS))
    yield "webhooks/attempts.json", _plain(attempts.values(*_ATTEMPT_FIELDS))
    yield "webhooks/secrets.json", _plain(secrets.values("id", "created_at", "expires_at"))


def erase_webhooks(user: User) -> dict[str, int]:
    """Delete the rows; what was still to be sent is not sent."""
    _all, counts = Delivery.objects.visible_to(user).delete()
    secrets = SigningSecret.objects.filter(owner=user).delete()[0]
    return {
        "deliveries": counts.get(Delivery._meta.label, 0),
        "signing_secrets": secrets,
    }


def _plain(rows: Any) -> list[Any]:
    plain: list[Any] = json.loads(json.dumps(list(rows), cls=DjangoJSONEncoder))
    return plain
