"""Whom webhooks may call: the public internet, and what the operator has listed."""

from __future__ import annotations

from django.conf import settings

from project.outbound.policy import OutboundPolicy


def webhook_policy() -> OutboundPolicy:
    """From OMNILENS_WEBHOOK_ALLOW and OMNILENS_WEBHOOK_HTTP."""
    schemes = {"http", "https"} if settings.WEBHOOK_HTTP else {"https"}
    return OutboundPolicy(schemes=frozenset(schemes), allowed=settings.WEBHOOK_ALLOW)
