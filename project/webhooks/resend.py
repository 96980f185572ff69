"""Sending a delivery again by hand, with the same event id."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from project.errors import ServiceError
from project.webhooks.dispatch import ring_after_commit
from project.webhooks.models import Delivery


def resend(*, delivery: Delivery, now: datetime | None = None) -> Delivery:
    """Let a delivery that has ended be tried again, with a full set of attempts.

    Raises ServiceError delivery_pending (409) while it is still to be sent.
    """
    changed = (
        Delivery.objects.filter(pk=delivery.pk)
        .exclude(state=Delivery.State.PENDING)
        .update(
            state=Delivery.State.PENDING,
            attempts_left=settings.WEBHOOK_ATTEMPTS,
            next_attempt_at=now or timezone.now(),
            finished_at=None,
        )
    )
    if not changed:
        raise ServiceError(
            _("The webhook is still being sent."), code="delivery_pending", status=409
        )
    ring_after_commit()
    return Delivery.objects.get(pk=delivery.pk)
