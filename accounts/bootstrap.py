"""The first accounts of a fresh installation. Every function may run again without effect."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

from accounts.models import ApiToken, Role, Scope, User
from accounts.services.people import create_user
from accounts.services.tokens import SECRET_PREFIX, create_token, digest_of

logger = logging.getLogger(__name__)

ADMINISTRATOR = "admin"
DEMO = "demo"
EMAIL_DOMAIN = "omnilens.invalid"
TOKEN_MIN_CHARACTERS = 32


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A new account and its one-time password: print it once, log it never."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials(username={self.username!r}, password=***)"


def ensure_administrator() -> Credentials | None:
    """Make `admin` unless an active administrator exists; its credentials if made now."""
    with transaction.atomic():
        list(Role.objects.select_for_update().filter(code=Role.ADMINISTRATOR))
        if User.objects.active_administrators().exists():
            return None
        return _make(ADMINISTRATOR, role=Role.ADMINISTRATOR, is_staff=True)


def ensure_demo_account() -> Credentials | None:
    """Make `demo`, a plain user; its credentials if made now."""
    if User.objects.called(DEMO).exists():
        return None
    return _make(DEMO, role=Role.USER, is_staff=False)


def ensure_bootstrap_token(*, now: datetime | None = None) -> ApiToken | None:
    """Accept OMNILENS_BOOTSTRAP_TOKEN as an administrator's token with every scope.

    A new value replaces the old one, a revoked value stays revoked, an empty one changes
    nothing. Raises ImproperlyConfigured for one that is too short to be safe.
    """
    secret: str = settings.BOOTSTRAP_TOKEN
    if not secret:
        return None
    if len(secret) < TOKEN_MIN_CHARACTERS or not secret.isascii() or len(secret.split()) != 1:
        raise ImproperlyConfigured(
            f"OMNILENS_BOOTSTRAP_TOKEN needs at least {TOKEN_MIN_CHARACTERS} ASCII characters "
            "without spaces; for example: openssl rand -hex 32"
        )
    existing = ApiToken.objects.filter(digest=digest_of(secret)).first()
    if existing is not None:
        if existing.revoked_at is not None:
            logger.warning("the bootstrap token was revoked; set a new value to replace it")
        return existing
    with transaction.atomic():
        earlier = ApiToken.objects.filter(from_environment=True, revoked_at__isnull=True)
        earlier.update(revoked_at=now or timezone.now())
        made = create_token(
            owner=_first_administrator(), name="bootstrap", scopes=Scope.values, secret=secret
        )
        token = made.token
        token.from_environment = True
        if not secret.startswith(SECRET_PREFIX):
            token.prefix = secret[:4]  # a value of the operator's own has no public beginning
        token.save(update_fields=["from_environment", "prefix"])
    return token


def _first_administrator() -> User:
    administrator = User.objects.active_administrators().order_by("pk").first()
    if administrator is None:
        raise ImproperlyConfigured("call ensure_administrator() before ensure_bootstrap_token()")
    return administrator


def _make(name: str, *, role: str, is_staff: bool) -> Credentials:
    username, serial = name, 1
    while User.objects.called(username).exists():  # taken by someone who is no administrator
        serial += 1
        username = f"{name}{serial}"
    password = secrets.token_urlsafe(12)
    create_user(
        username=username,
        email=f"{username}@{EMAIL_DOMAIN}",
        password=password,
        is_staff=is_staff,
        roles=[Role.objects.get(code=role)],
    )
    return Credentials(username=username, password=password)
