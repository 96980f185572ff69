"""Removing old attempts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from project.gateway.models import GatewayAttempt

KEPT = timedelta(days=90)


def prune_attempts(*, now: datetime | None = None) -> int:
    """Delete attempts that are older than 90 days; how many."""
    return GatewayAttempt.objects.filter(at__lt=(now or timezone.now()) - KEPT).delete()[0]
