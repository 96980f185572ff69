"""JWT pairs: issue, refresh, revoke. Why one UPDATE decides: see TokenFamily."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, Token

from accounts.errors import TokenNotValid, TokenReused
from accounts.models import TokenFamily, User
from project.uuid7 import uuid7

logger = logging.getLogger(__name__)

FAMILY_CLAIM = "fam"
TokenT = TypeVar("TokenT", bound=Token)


class RefreshToken(Token):
    """A refresh token of a family; TokenFamily, not a list of spent tokens, says if it is spent."""

    token_type = "refresh"  # noqa: S105  (the name of a kind, not a secret)
    lifetime = api_settings.REFRESH_TOKEN_LIFETIME


@dataclass(frozen=True, kw_only=True)
class TokenPair:
    """What a client gets at sign-in and at each refresh; lifetimes in seconds."""

    user: User
    access: str
    refresh: str
    expires_in: int


def issue_pair(*, user: User, now: datetime | None = None) -> TokenPair:
    """Start a family for one sign-in of `user`."""
    now = now or timezone.now()
    refresh = _token(RefreshToken, user_id=user.pk, family_id=uuid7(), now=now)
    TokenFamily.objects.create(
        id=UUID(refresh[FAMILY_CLAIM]),
        user=user,
        current_jti=refresh["jti"],
        created_at=now,
        refreshed_at=now,
        expires_at=now + RefreshToken.lifetime,
    )
    return _pair(user=user, refresh=refresh, now=now)


def refresh_pair(*, refresh: str, now: datetime | None = None) -> TokenPair:
    """Trade the newest refresh token of a family for the next pair.

    Raises TokenNotValid, and TokenReused after revoking the family when the token was spent.
    """
    now = now or timezone.now()
    spent = _decode(refresh)
    family_id = UUID(spent[FAMILY_CLAIM])
    user_id = int(spent[api_settings.USER_ID_CLAIM])
    fresh = _token(RefreshToken, user_id=user_id, family_id=family_id, now=now)
    moved = TokenFamily.objects.filter(
        pk=family_id,
        user_id=user_id,
        current_jti=spent["jti"],
        revoked_at__isnull=True,
        user__is_active=True,
    ).update(current_jti=fresh["jti"], refreshed_at=now, expires_at=now + RefreshToken.lifetime)
    if moved:
        return _pair(user=User.objects.get(pk=user_id), refresh=fresh, now=now)
    if revoke_family(family_id=family_id, unless_jti=spent["jti"], now=now):
        logger.warning("refresh token reused; family %s of user %s revoked", family_id, user_id)
        raise TokenReused(_("This refresh token was used before; sign in again."))
    raise _not_valid()


def revoke_family(
    *, family_id: UUID, unless_jti: str | None = None, now: datetime | None = None
) -> bool:
    """End every token of the family at once; whether it was alive.

    With `unless_jti` nothing happens while that is still the current refresh token.
    """
    families = TokenFamily.objects.filter(pk=family_id, revoked_at__isnull=True)
    if unless_jti is not None:
        families = families.exclude(current_jti=unless_jti)
    return bool(families.update(revoked_at=now or timezone.now()))


def family_of(credential: object) -> UUID | None:
    """The family that an access token belongs to; None for any other credential."""
    return UUID(credential[FAMILY_CLAIM]) if isinstance(credential, AccessToken) else None


def revoke_by_refresh_token(*, refresh: str, now: datetime | None = None) -> bool:
    """End the family that `refresh` belongs to; raises TokenNotValid when it is not ours."""
    return revoke_family(family_id=UUID(_decode(refresh)[FAMILY_CLAIM]), now=now)


def revoke_all_families(*, user: User, now: datetime | None = None) -> int:
    """End every JWT of `user`; how many families were alive."""
    alive = TokenFamily.objects.filter(user=user, revoked_at__isnull=True)
    return alive.update(revoked_at=now or timezone.now())


def delete_expired_families(*, now: datetime | None = None) -> int:
    """Delete families whose last refresh token has expired; how many."""
    expired = TokenFamily.objects.filter(expires_at__lt=now or timezone.now())
    return expired.delete()[0]


def _token(kind: type[TokenT], *, user_id: int, family_id: UUID, now: datetime) -> TokenT:
    token = kind()
    token.set_iat(at_time=now)
    token.set_exp(from_time=now, lifetime=kind.lifetime)
    token[api_settings.USER_ID_CLAIM] = str(user_id)
    token[FAMILY_CLAIM] = str(family_id)
    return token


def _pair(*, user: User, refresh: RefreshToken, now: datetime) -> TokenPair:
    family_id = UUID(refresh[FAMILY_CLAIM])
    access = _token(AccessToken, user_id=user.pk, family_id=family_id, now=now)
    return TokenPair(
        user=user,
        access=str(access),
        refresh=str(refresh),
        expires_in=int(AccessToken.lifetime.total_seconds()),
    )


def _decode(text: str) -> RefreshToken:
    try:
        token = RefreshToken(text)  # type: ignore[arg-type]  # simplejwt takes the encoded text here
        UUID(token[FAMILY_CLAIM])
        int(token[api_settings.USER_ID_CLAIM])
    except (TokenError, KeyError, ValueError) as error:
        raise _not_valid() from error
    return token


def _not_valid() -> TokenNotValid:
    return TokenNotValid(_("The refresh token is expired, revoked or not ours; sign in again."))
