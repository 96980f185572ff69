"""One attempt to deliver: build, sign, send, and record what came of it under the lease."""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from project.excerpt import excerpt
from project.failpoints import reach
from project.jobs import kinds
from project.jobs.api.payload import timestamp
from project.jobs.models import Job
from project.outbound.call import Answer, Limits, call
from project.outbound.errors import OutboundError, Refused
from project.sealing import CannotUnseal
from project.webhooks.claim import claim_next
from project.webhooks.models import Delivery, DeliveryAttempt
from project.webhooks.policy import webhook_policy
from project.webhooks.sign import EVENT_HEADER, HEADER, signature_header
from project.webhooks.signing_secrets import valid_secrets

logger = logging.getLogger(__name__)

VERSION = 1
FIRST_BACKOFF = timedelta(seconds=10)
BACKOFF_FACTOR = 6
MAX_BACKOFF = timedelta(hours=6)
GONE = 410

Call = Callable[..., Answer]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`error_code` is empty on success; a `final` failure is not tried again."""

    status_code: int | None = None
    error_code: str = ""
    excerpt: str = ""
    final: bool = False


def deliver_next(
    *,
    now: Callable[[], datetime] = timezone.now,
    rng: random.Random | None = None,
    send: Call = call,
) -> Delivery | None:
    """Make the next due attempt; the delivery as it is then, or None when nothing is due."""
    delivery = claim_next(now=now())
    if delivery is None:
        return None
    reach("webhook.after_claim")
    begun = time.monotonic()
    outcome = _send(delivery, send, now())
    seconds = time.monotonic() - begun
    reach("webhook.before_record")
    _record(delivery, outcome, seconds, now(), rng or random.SystemRandom())
    return delivery


def event_of(delivery: Delivery) -> dict[str, Any]:
    """What the receiver reads. `result_url` is found anew, as a job may be deleted meanwhile."""
    return {
        "id": str(delivery.pk),
        "type": delivery.type,
        "version": VERSION,
        "created_at": timestamp(delivery.created_at),
        "data": {**delivery.data, "result_url": _result_url(delivery.job)},
    }


def back_off(*, attempt: int, rng: random.Random) -> timedelta:
    """min(6 h, 10 s * 6^(attempt-1)), times 0.8 to 1.2 so that retries do not meet."""
    nominal: timedelta = min(MAX_BACKOFF, FIRST_BACKOFF * BACKOFF_FACTOR ** (attempt - 1))
    return nominal * rng.uniform(0.8, 1.2)


def _send(delivery: Delivery, send: Call, now: datetime) -> Outcome:
    body = json.dumps(event_of(delivery), separators=(",", ":")).encode()
    try:
        secrets = valid_secrets(owner=delivery.owner, now=now)
    except CannotUnseal:
        return Outcome(error_code="secret_unreadable", final=True)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Omnilens/{settings.VERSION}",
        EVENT_HEADER: str(delivery.pk),
        HEADER: signature_header(body=body, secrets=secrets, at=now),
    }
    try:
        answer = send(
            "POST",
            delivery.url,
            policy=webhook_policy(),
            headers=headers,
            body=body,
            limits=Limits(seconds=settings.WEBHOOK_TIMEOUT.total_seconds()),
        )
    except OutboundError as error:
        return Outcome(error_code=error.code, final=isinstance(error, Refused))
    return Outcome(
        status_code=answer.status,
        error_code="" if answer.is_success else "status_refused",
        excerpt=excerpt(answer.body),
        final=answer.status == GONE,
    )


def _record(
    delivery: Delivery, outcome: Outcome, seconds: float, now: datetime, rng: random.Random
) -> None:
    """Write the attempt and where the delivery stands. Nothing, if the lease was lost."""
    changes: dict[str, Any] = {
        "lease_token": None,
        "lease_until": None,
        "status_code": outcome.status_code,
        "error_code": outcome.error_code,
    }
    if not outcome.error_code:
        changes |= {"state": Delivery.State.DELIVERED, "finished_at": now}
    elif outcome.final or delivery.attempts_left == 0:
        changes |= {"state": Delivery.State.FAILED, "finished_at": now}
    else:
        attempt = settings.WEBHOOK_ATTEMPTS - delivery.attempts_left
        changes["next_attempt_at"] = now + back_off(attempt=max(1, attempt), rng=rng)
    with transaction.atomic():
        held = Delivery.objects.filter(
            pk=delivery.pk, state=Delivery.State.PENDING, lease_token=delivery.lease_token
        )
        if not held.update(**changes):
            logger.warning("webhook %s was taken over by another attempt", delivery.pk)
            return
        DeliveryAttempt.objects.create(
            delivery=delivery,
            number=delivery.attempts,
            at=now,
            seconds=seconds,
            status_code=outcome.status_code,
            error_code=outcome.error_code,
            excerpt=outcome.excerpt,
        )
    for name, value in changes.items():
        setattr(delivery, name, value)
    logger.info(
        "webhook %s to %s, attempt %d: %s",
        delivery.pk,
        delivery.origin,
        delivery.attempts,
        outcome.error_code or outcome.status_code,
    )


def _result_url(job: Job | None) -> str | None:
    if job is None or job.state != Job.State.SUCCEEDED:
        return None
    try:
        find = kinds.get(job.kind).result_url
    except kinds.UnknownKind:  # the app that made this job is no longer installed
        return None
    path = find(job) if find else None
    return urljoin(settings.PUBLIC_URL, path) if path and settings.PUBLIC_URL else path
