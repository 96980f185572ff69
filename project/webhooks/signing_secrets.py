"""A person's webhook secret: made once, shown once, replaced with an overlap."""

from __future__ import annotations

import logging
import secrets as random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from project.sealing import CannotUnseal, seal, unseal
from project.webhooks.models import SigningSecret

logger = logging.getLogger(__name__)

PREFIX = "whsec_"
PURPOSE = "webhook-secret"
OVERLAP = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class SecretState:
    """What its owner may know afterwards; None before the first secret."""

    created_at: datetime | None
    previous_valid_until: datetime | None


def replace_secret(*, owner: User, now: datetime | None = None) -> str:
    """Make a new secret and return it, this once. The one before stays valid for a day."""
    now = now or timezone.now()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)
        SigningSecret.objects.filter(owner=owner, expires_at__isnull=False).delete()
        SigningSecret.objects.filter(owner=owner).update(expires_at=now + OVERLAP)
        return _make(owner, now)


def ensure_secret(*, owner: User, now: datetime | None = None) -> None:
    """So that nothing leaves unsigned: a person who never asked for a secret gets one, and sees
    one by replacing it."""
    now = now or timezone.now()
    if SigningSecret.objects.filter(owner=owner).exists():
        return
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)
        if not SigningSecret.objects.filter(owner=owner).exists():
            _make(owner, now)


def valid_secrets(*, owner: User, now: datetime) -> list[str]:
    """The secrets that sign, newest first. Raises CannotUnseal when none can be read: an older
    one, sealed before the key of the installation changed, no longer counts beside a new one."""
    valid = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    rows = SigningSecret.objects.filter(valid, owner=owner).order_by("-created_at", "-pk")
    readable = []
    for row in rows:
        try:
            readable.append(unseal(row.sealed, purpose=PURPOSE))
        except CannotUnseal:
            logger.warning("signing secret %d cannot be read", row.pk)
    if not readable:
        raise CannotUnseal(PURPOSE)
    return readable


def secret_state(*, owner: User, now: datetime | None = None) -> SecretState:
    """When the secret was made, and how long the one before is still valid."""
    now = now or timezone.now()
    rows = list(SigningSecret.objects.filter(owner=owner))
    newest = next((row for row in rows if row.expires_at is None), None)
    expiries = [row.expires_at for row in rows if row.expires_at and row.expires_at > now]
    return SecretState(
        created_at=newest.created_at if newest else None,
        previous_valid_until=max(expiries, default=None),
    )


def _make(owner: User, now: datetime) -> str:
    secret = PREFIX + random.token_urlsafe(32)
    SigningSecret.objects.create(owner=owner, sealed=seal(secret, purpose=PURPOSE), created_at=now)
    return secret
