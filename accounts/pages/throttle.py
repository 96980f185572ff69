"""The request rate of pages that take a password: that of the API's sign-in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.views import APIView

from project.api.throttling import ScopeThrottle
from project.errors import ServiceError

P = ParamSpec("P")


class _SignInRate(APIView):
    """Stands for the page where the throttle asks a view for its scope."""

    throttle_scope = "login"


def limited_like_sign_in(
    page: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Answer 429 to callers who post too often; raises when they cannot be counted."""

    @wraps(page)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        counted = Request(request)
        counted.user = request.user
        throttle = ScopeThrottle()
        if not throttle.allow_request(counted, _SignInRate()):
            seconds = max(1, round(throttle.wait()))
            raise ServiceError(
                _("Too many requests. Try again in %(seconds)s s.") % {"seconds": seconds},
                code="throttled",
                status=429,
                retry_after_seconds=seconds,
            )
        return page(request, *args, **kwargs)

    return guarded
