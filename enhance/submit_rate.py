"""The request rate of the forms: one picture costs what one submit of the API costs."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.views import APIView

from project.api.throttling import ScopeThrottle
from project.errors import ServiceError


class _Submit(APIView):
    """Stands for the page where the throttle asks a view for its scope."""

    throttle_scope = "submit"


def count_submit(request: HttpRequest) -> None:
    """Count one submitted picture. Raises ServiceError `throttled` (429) above the rate."""
    counted = Request(request)
    counted.user = request.user
    throttle = ScopeThrottle()
    if throttle.allow_request(counted, _Submit()):
        return
    seconds = max(1, round(throttle.wait()))
    raise ServiceError(
        _("Too many requests. Try again in %(seconds)s s.") % {"seconds": seconds},
        code="throttled",
        status=429,
        retry_after_seconds=seconds,
    )
