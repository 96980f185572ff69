"""Named API tokens: create, find, revoke."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import ScopeNotAllowed, invalid
from accounts.models import ApiToken, Scope, User

SECRET_PREFIX = "omni_"  # noqa: S105  (public: it makes leaked tokens easy to search for)
SHOWN_CHARACTERS = 12
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """A token and its secret, which exists only here and with its owner."""

    token: ApiToken
    secret: str


def new_secret() -> str:
    """256 random bits behind a prefix that secret scanners can find."""
    return SECRET_PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str | bytes) -> str:
    """What is stored. The secret has full entropy, so a fast hash does."""
    return sha256(secret if isinstance(secret, bytes) else secret.encode()).hexdigest()


def create_token(
    *,
    owner: User,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None = None,
    maker_scopes: Collection[str] | None = None,
    secret: str | None = None,
    now: datetime | None = None,
) -> NewToken:
    """Make a token; `maker_scopes` are those of the token that asks for it, if one does.

    Raises Invalid, and ScopeNotAllowed for scopes beyond those of the owner or the maker.
    """
    _check(name=name, scopes=scopes, expires_at=expires_at, now=now or timezone.now())
    allowed = allowed_scopes(owner=owner, maker_scopes=maker_scopes)
    excess = sorted(set(scopes) - set(allowed))
    if excess:
        raise ScopeNotAllowed(
            _("You cannot give these scopes to a token: %(scopes)s.")
            % {"scopes": ", ".join(excess)},
            extra={"allowed_scopes": allowed},
        )
    secret = secret or new_secret()
    token = ApiToken.objects.create(
        owner=owner,
        name=name.strip(),
        prefix=secret[:SHOWN_CHARACTERS],
        digest=digest_of(secret),
        scopes=[scope for scope in Scope.values if scope in scopes],
        expires_at=expires_at,
    )
    return NewToken(token=token, secret=secret)


def allowed_scopes(*, owner: User, maker_scopes: Collection[str] | None = None) -> list[str]:
    """The scopes `owner` may give to a token, at most those of the token that asks."""
    held = [s for s in Scope.values if s != Scope.USERS_ADMIN or owner.is_administrator]
    return held if maker_scopes is None else [s for s in held if s in maker_scopes]


def find_token(*, secret: bytes, now: datetime) -> ApiToken | None:
    """The usable token with this secret, its owner loaded, or None."""
    tokens = ApiToken.objects.usable(now=now).select_related("owner")
    return tokens.filter(digest=digest_of(secret)).first()


def note_use(*, token: ApiToken, now: datetime) -> None:
    """Remember when the token was last used, at most once a minute."""
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at <= now - USE_NOTED_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def revoke_token(*, token: ApiToken, now: datetime | None = None) -> ApiToken:
    """End the token at once and for good; the first time counts."""
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(
        revoked_at=now or timezone.now()
    )
    token.refresh_from_db(fields=["revoked_at"])
    return token


def _check(
    *, name: str, scopes: Collection[str], expires_at: datetime | None, now: datetime
) -> None:
    errors: dict[str, ValidationError] = {}
    if not name.strip() or len(name.strip()) > 100:
        errors["name"] = ValidationError(_("Give the token a name of up to 100 characters."))
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown:
        errors["scopes"] = ValidationError(
            _("Unknown scopes: %(scopes)s.") % {"scopes": ", ".join(unknown)}, code="unknown_scope"
        )
    elif not scopes:
        errors["scopes"] = ValidationError(_("Choose at least one scope."), code="required")
    if expires_at is not None and expires_at <= now:
        errors["expires_at"] = ValidationError(
            _("The expiry lies in the past."), code="expiry_past"
        )
    if errors:
        raise invalid(errors)
