"""The request rate of pages that take a password: that of the API's sign-in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase

from project.api.page_throttle import count_request

P = ParamSpec("P")


def limited_like_sign_in(
    page: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Answer 429 to callers who post too often; raises when they cannot be counted."""

    @wraps(page)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        count_request(request, scope="login")
        return page(request, *args, **kwargs)

    return guarded
