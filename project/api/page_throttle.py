"""The request rates of the API for the forms that do the same, and for what one request holds."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.views import APIView

from project.api.throttling import ScopeThrottle
from project.errors import ServiceError


class _Page(APIView):
    """Stands for the page where the throttle asks a view for its scope."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.throttle_scope = scope


def count_request(request: HttpRequest, *, scope: str) -> None:
    """Count a request that changes something; the caller shares its rate with the API.

    Raises ServiceError `throttled` (429) above the rate, and what `ScopeThrottle` raises when
    nothing can be counted.
    """
    counted = Request(request)
    counted.user = request.user
    count_once_more(counted, scope=scope)


def count_once_more(counted: Request, *, scope: str) -> None:
    """Count a further thing that a request of the API asks for, as if it were a request of its own.

    Raises as `count_request`.
    """
    throttle = ScopeThrottle()
    if throttle.allow_request(counted, _Page(scope)):
        return
    seconds = max(1, round(throttle.wait()))
    raise ServiceError(
        _("Too many requests. Try again in %(seconds)s s.") % {"seconds": seconds},
        code="throttled",
        status=429,
        retry_after_seconds=seconds,
    )
