"""Session authentication of the API, with our own error code for a failed CSRF check."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from project.errors import ServiceError


class SessionAuthentication(authentication.SessionAuthentication):
    """The session cookie of the pages; changes need the CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        """Raises ServiceError csrf_failed (403)."""
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as error:
            raise csrf_failed() from error


def csrf_failed() -> ServiceError:
    """The refusal, for the API and for Django's CSRF middleware."""
    return ServiceError(
        _("The CSRF token is missing or wrong. Reload the page and try again."),
        code="csrf_failed",
        status=403,
    )
