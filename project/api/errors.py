"""Exceptions to problem documents: ours, REST framework's, Django's, and the store's."""

from __future__ import annotations

import logging
import math
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import TimeoutError as RedisSlow
from rest_framework import exceptions
from rest_framework.fields import get_error_detail
from rest_framework.response import Response
from rest_framework.views import set_rollback

from project.api.problem import CONTENT_TYPE, Problem
from project.errors import ServiceError

logger = logging.getLogger(__name__)

_RENAMED = {
    "parse_error": "malformed",
    "unsupported_media_type": "unsupported",
    "error": "server_error",
}
_STORE_RETRY_SECONDS = 5


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None lets an unknown exception reach `handler500`."""
    problem = describe(error)
    if problem is None:
        return None
    del context
    set_rollback()
    _note(problem, error)
    return Response(
        problem.body(),
        status=problem.status,
        headers=dict(problem.headers),
        content_type=CONTENT_TYPE,
    )


def describe(error: BaseException) -> Problem | None:
    """The problem that shows `error`, or None when it is a bug of ours."""
    if isinstance(error, ServiceError):
        return _from_service(error)
    if isinstance(error, exceptions.APIException):
        return _from_rest_framework(error)
    if isinstance(error, DjangoValidationError):
        return _invalid(get_error_detail(error))
    if isinstance(error, Http404):
        return not_found()
    if isinstance(error, PermissionDenied):
        return Problem(
            status=403, code="permission_denied", detail=_("You are not allowed to do this.")
        )
    if isinstance(error, RequestDataTooBig):
        return Problem(status=413, code="too_large", detail=_("The body is too large."))
    if isinstance(error, (TooManyFieldsSent, TooManyFilesSent, SuspiciousOperation)):
        return Problem(
            status=400, code="bad_request", detail=_("The server cannot accept this request.")
        )
    if isinstance(error, (RedisGone, RedisSlow)):
        return unavailable()
    return None


def not_found() -> Problem:
    """Absent and invisible objects look the same."""
    return Problem(
        status=404, code="not_found", detail=_("It does not exist, or it is not yours to see.")
    )


def unavailable() -> Problem:
    """The cache or broker does not answer."""
    return Problem(
        status=503,
        code="unavailable",
        detail=_("A service that this request needs is down. Please try again in a moment."),
        extra={"retry_after_seconds": _STORE_RETRY_SECONDS},
        headers={"Retry-After": str(_STORE_RETRY_SECONDS)},
    )


def server_error() -> Problem:
    """An unhandled exception; the log has it under the same request id."""
    return Problem(
        status=500,
        code="server_error",
        detail=_("Something went wrong on our side. Quote the request id when you report it."),
    )


def _note(problem: Problem, error: Exception) -> None:
    if problem.status >= 500:
        logger.error("%s: %s", problem.code, type(error).__name__, exc_info=error)


def _from_service(error: ServiceError) -> Problem:
    extra, headers = dict(error.extra), {}
    if error.retry_after_seconds is not None:
        extra["retry_after_seconds"] = error.retry_after_seconds
        headers["Retry-After"] = str(error.retry_after_seconds)
    return Problem(
        status=error.status,
        code=error.code,
        detail=error.detail,
        fields=error.fields,
        extra=extra,
        headers=headers,
    )


def _from_rest_framework(error: exceptions.APIException) -> Problem:
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error.detail)
    headers: dict[str, str] = {}
    extra: dict[str, Any] = {}
    detail: Any = error.detail
    code = getattr(detail, "code", error.default_code)
    if isinstance(detail, dict):  # simplejwt puts {detail, code, messages} here
        code = str(detail.get("code", error.default_code))
        detail = detail.get("detail", error.default_detail)
    elif isinstance(detail, list):
        detail = " ".join(str(item) for item in detail)
    status = error.status_code
    if isinstance(error, (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)):
        # REST framework turns 401 into 403 when the first authenticator names no challenge.
        status = 401
        headers["WWW-Authenticate"] = getattr(error, "auth_header", None) or "Bearer"
    wait: float | None = getattr(error, "wait", None)
    if isinstance(error, exceptions.Throttled) and wait is not None:
        seconds = max(1, math.ceil(wait))
        headers["Retry-After"] = str(seconds)
        extra["retry_after_seconds"] = seconds
        detail = _("Too many requests. Try again in %(seconds)s s.") % {"seconds": seconds}
    if isinstance(error, exceptions.NotFound):
        return not_found()
    return Problem(
        status=status,
        code=_RENAMED.get(str(code), str(code)),
        detail=str(detail),
        extra=extra,
        headers=headers,
    )


def _invalid(detail: Any) -> Problem:
    fields = _flatten(detail)
    general = fields.get("non_field_errors")
    text = (
        general[0]["detail"]
        if general and len(fields) == 1
        else _("Please correct the fields named below.")
    )
    return Problem(status=400, code="invalid", detail=text, fields=fields)


def _flatten(detail: Any, path: str = "") -> dict[str, list[dict[str, str]]]:
    """Nested REST framework details as `{"items.0.name": [{code, detail}]}`."""
    found: dict[str, list[dict[str, str]]] = {}
    if isinstance(detail, dict):
        for name, inner in detail.items():
            for key, items in _flatten(inner, f"{path}.{name}" if path else str(name)).items():
                found.setdefault(key, []).extend(items)
    elif isinstance(detail, (list, tuple)):
        for index, inner in enumerate(detail):
            inner_path = f"{path}.{index}" if isinstance(inner, (dict, list)) else path
            for key, items in _flatten(inner, inner_path.lstrip(".")).items():
                found.setdefault(key, []).extend(items)
    else:
        item = {"code": str(getattr(detail, "code", "invalid")), "detail": str(detail)}
        found[path or "non_field_errors"] = [item]
    return found
