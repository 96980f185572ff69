"""Who sends an API request: `Token omni_...` for programs, `Bearer` JWTs for clients."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import Token

from accounts.language import speak
from accounts.models import ApiToken, TokenFamily, User
from accounts.services.families import FAMILY_CLAIM
from accounts.services.tokens import find_token, note_use

KEYWORD = b"token"


class ApiTokenAuthentication(BaseAuthentication):
    """Named API tokens; `request.auth` is the ApiToken, whose `scopes` permissions compare."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The owner and the token; None without the header, AuthenticationFailed if unusable."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != KEYWORD:
            return None
        token = find_token(secret=parts[1], now=timezone.now()) if len(parts) == 2 else None
        if token is None:
            raise _refused(_("The API token is unknown, expired or revoked."))
        note_use(token=token, now=timezone.now())
        speak(user=token.owner, request=request._request)
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401; REST framework asks the first authenticator only."""
        return 'Bearer realm="api", Token realm="api"'


class FamilyJwtAuthentication(JWTAuthentication):
    """JWTs whose family is alive; one query finds family and user together."""

    def get_user(self, validated_token: Token) -> User:  # type: ignore[override]  # simplejwt's type variable is bound in no class
        """The active user of a living family; raises AuthenticationFailed."""
        try:
            family_id = UUID(validated_token[FAMILY_CLAIM])
            family = TokenFamily.objects.select_related("user").get(
                pk=family_id, revoked_at__isnull=True, user__is_active=True
            )
        except (KeyError, ValueError, TokenFamily.DoesNotExist) as error:
            raise _refused(_("The access token was revoked; sign in again.")) from error
        return family.user

    def authenticate(self, request: Request) -> tuple[User, Token] | None:  # type: ignore[override]  # as above
        """The user and the validated access token."""
        found = super().authenticate(request)
        if found is None:
            return None
        user, token = found
        assert isinstance(user, User)  # noqa: S101  (`get_user` returns no other; for mypy)
        speak(user=user, request=request._request)
        return user, token


def _refused(detail: str) -> AuthenticationFailed:
    return AuthenticationFailed(detail, code="token_not_valid")
