"""Who may call the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from project.errors import ServiceError

if TYPE_CHECKING:  # REST framework imports this module while its views are being loaded
    from rest_framework.views import APIView


class IsAuthenticatedWithScope(IsAuthenticated):
    """Signed in, and an API token must carry the scope the view asks for.

    A view says `required_scope = "jobs:read"`, or a mapping from method to scope. A view that
    names no scope is closed to API tokens. Raises ServiceError scope_missing (403).
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the request may go on."""
        if not super().has_permission(request, view):
            return False
        granted: Any = getattr(request.auth, "scopes", None)
        if granted is None:
            return True
        needed = required_scope(view, request.method or "GET")
        if needed is not None and needed in granted:
            return True
        raise ServiceError(
            _("The API token lacks the scope %(scope)s.") % {"scope": needed or "-"},
            code="scope_missing",
            status=403,
            extra={"required_scope": needed},
        )


class IsAdministrator(IsAuthenticatedWithScope):
    """Administrators: users and roles."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Signed in, in scope, administrator."""
        return super().has_permission(request, view) and bool(
            getattr(request.user, "is_administrator", False)
        )


class IsOperator(IsAuthenticatedWithScope):
    """Operators: queue and workers, never another person's pictures."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Signed in, in scope, operator."""
        return super().has_permission(request, view) and bool(
            getattr(request.user, "is_operator", False)
        )


def required_scope(view: APIView, method: str) -> str | None:
    """The scope `view` asks for with `method`; HEAD and OPTIONS need that of GET."""
    wanted: Mapping[str, str] | str | None = getattr(view, "required_scope", None)
    if isinstance(wanted, Mapping):
        return wanted.get("GET" if method in {"HEAD", "OPTIONS"} else method)
    return wanted
