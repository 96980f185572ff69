"""Why a live connection is trusted, in a form that can be asked again while it is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.crypto import constant_time_compare
from rest_framework_simplejwt.tokens import Token

from accounts.models import ApiToken, BrowserSession, TokenFamily, User, signed_in
from accounts.services.families import family_of

if TYPE_CHECKING:
    from rest_framework.request import Request


@dataclass(frozen=True, kw_only=True)
class Credential:
    """One proof of identity: a session, an API token or a JWT, never its secret part.

    `stamp` is the session hash of the user: it changes with the password.
    """

    user_id: int
    stamp: str
    session_key: str = ""
    token_id: int | None = None
    family_id: UUID | None = None
    expires_at: float | None = None

    def user(self, *, now: datetime) -> User | None:
        """The active user this still stands for, or None."""
        if self.expires_at is not None and now.timestamp() >= self.expires_at:
            return None
        user = User.objects.filter(pk=self.user_id, is_active=True).first()
        if user is None or not constant_time_compare(self.stamp, user.get_session_auth_hash()):
            return None
        stands = self._session_is_open(now) and self._token_is_valid(now) and self._family_lives()
        return user if stands else None

    def _session_is_open(self, now: datetime) -> bool:
        if not self.session_key:
            return True
        open_sessions = BrowserSession.objects.filter(user=self.user_id, expire_date__gt=now)
        return open_sessions.filter(session_key=self.session_key).exists()

    def _token_is_valid(self, now: datetime) -> bool:
        if self.token_id is None:
            return True
        usable = ApiToken.objects.usable(now=now)
        return usable.filter(pk=self.token_id, owner=self.user_id).exists()

    def _family_lives(self) -> bool:
        if self.family_id is None:
            return True
        alive = TokenFamily.objects.filter(user=self.user_id, revoked_at__isnull=True)
        return alive.filter(pk=self.family_id).exists()


def credential_of(request: Request) -> Credential:
    """The credential behind an authenticated REST request."""
    user, proof = signed_in(request.user), request.auth
    session = getattr(request, "session", None)
    return Credential(
        user_id=user.pk,
        stamp=user.get_session_auth_hash(),
        session_key=(session.session_key or "") if proof is None and session else "",
        token_id=proof.pk if isinstance(proof, ApiToken) else None,
        family_id=family_of(proof),
        expires_at=float(proof["exp"]) if isinstance(proof, Token) else None,
    )
