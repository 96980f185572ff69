"""A gateway that is half set up is said so before anything starts."""

from __future__ import annotations

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning


def check_gateway(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Secret and address belong to it; http:// shows the secret to the network."""
    del app_configs, kwargs
    if not settings.GATEWAY_URL:
        return []
    found: list[CheckMessage] = []
    if not settings.GATEWAY_SECRET:
        found.append(
            Error(
                "OMNILENS_GATEWAY_URL is set, but no secret.",
                hint="Set OMNILENS_GATEWAY_SECRET, or OMNILENS_GATEWAY_SECRET_FILE.",
                id="omnilens.E012",
            )
        )
    if not settings.GATEWAY_IP and not settings.GATEWAY_IP_SERVICES:
        found.append(
            Error(
                "OMNILENS_GATEWAY_URL is set, but nothing says which address to register.",
                hint="Set OMNILENS_GATEWAY_IP, or OMNILENS_GATEWAY_IP_SERVICES to ask for it.",
                id="omnilens.E013",
            )
        )
    if settings.GATEWAY_URL.startswith("http://"):
        found.append(
            Warning(
                "The secret of the gateway travels unencrypted.",
                hint="Use https:// in OMNILENS_GATEWAY_URL.",
                id="omnilens.W014",
            )
        )
    return found
