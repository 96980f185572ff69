"""Who opens a socket: session cookie from our own pages, Authorization header, or ticket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest
from django.utils import timezone, translation
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from accounts.authentication import ApiTokenAuthentication, FamilyJwtAuthentication
from accounts.models import User
from accounts.sessions import SessionStore
from project.api.permissions import IsAuthenticatedWithScope
from project.errors import ServiceError
from project.realtime.credentials import Credential, credential_of
from project.realtime.tickets import consume_ticket

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

TICKET_PREFIX = "ticket."


class FeedAuthentication:
    """ASGI middleware: puts `credential`, `user` (both None for strangers) and `language` in scope.

    The cookie is ambient, so it counts only for a handshake from our own origin; the header and
    the ticket are given on purpose and need no origin.
    """

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = ASGIRequest({**scope, "type": "http", "method": "GET"}, BytesIO())
        credential, user = await database_sync_to_async(_identify)(scope, request)
        language = translation.get_language_from_request(request)
        known = {"credential": credential, "user": user}
        if user is not None:
            language = user.language or language
        await self._app({**scope, **known, "language": language}, receive, send)


def _identify(scope: Scope, request: HttpRequest) -> tuple[Credential | None, User | None]:
    credential = (
        _by_cookie(request) or _by_header(request) or _by_ticket(scope.get("subprotocols", []))
    )
    user = credential.user(now=timezone.now()) if credential else None
    return (credential, user) if user else (None, None)


def _by_cookie(request: HttpRequest) -> Credential | None:
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if not key or not _is_own_origin(request):
        return None
    request.session = _ReadOnlySession(key)
    user = get_user(request)
    if not isinstance(user, User):
        return None
    return Credential(user_id=user.pk, stamp=user.get_session_auth_hash(), session_key=key)


def _is_own_origin(request: HttpRequest) -> bool:
    """Stricter than ALLOWED_HOSTS alone: cookies ignore the port, so the port must agree too."""
    origin = request.headers.get("Origin", "")
    try:
        host = request.get_host()
    except DisallowedHost:
        return False
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    return urlsplit(origin).netloc == host and (
        origin.startswith("https://") or not request.is_secure()
    )


class _ReadOnlySession(SessionStore):
    """A handshake cannot set a cookie, so reading the user must not rotate or end the session."""

    def cycle_key(self) -> None:
        """Leave the key to the next page request."""

    def flush(self) -> None:
        """Leave the end of the session to the next page request."""


def _by_header(request: HttpRequest) -> Credential | None:
    from project.realtime.api.views import JobStream

    if "Authorization" not in request.headers:
        return None
    api_request = Request(
        request, authenticators=[ApiTokenAuthentication(), FamilyJwtAuthentication()]
    )
    try:
        allowed = IsAuthenticatedWithScope().has_permission(api_request, JobStream())
    except (APIException, ServiceError):
        return None
    return credential_of(api_request) if allowed else None


def _by_ticket(subprotocols: list[str]) -> Credential | None:
    for name in subprotocols:
        if name.startswith(TICKET_PREFIX):
            return consume_ticket(ticket=name.removeprefix(TICKET_PREFIX), now=timezone.now())
    return None
