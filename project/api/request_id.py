"""Every request has an id: in the response, in each error, in each log line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase

_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id of the request this code serves, or an empty string outside a request."""
    return _current.get()


@contextmanager
def request_id_set(request_id: str) -> Iterator[str]:
    """The block serves the request of that id."""
    token = _current.set(request_id)
    try:
        yield request_id
    finally:
        _current.reset(token)


class RequestIdMiddleware:
    """Take a well-formed `X-Request-Id` from the client or make one."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _ACCEPTED.fullmatch(given) else uuid4().hex
        with request_id_set(request_id):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response
