"""What a person or a program sees when a request fails outside a view of ours.

The pages are rendered without session, user and context processors: they must work when session,
cache or database are the very thing that failed. Of the request they read the theme's cookie.
"""

from __future__ import annotations

import io
from typing import Any
from uuid import uuid4

from asgiref.sync import sync_to_async
from axes.helpers import get_cool_off
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_from_request, override
from django.utils.translation import gettext as _

from project.api import errors
from project.api.authentication import csrf_failed
from project.api.headers import PERMISSIONS_POLICY
from project.api.problem import Problem, is_api_path
from project.api.request_id import request_id_set
from project.web.error_words import error_words
from project.web.theme import theme_of


def show(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem document under `/api/`, a page elsewhere."""
    if is_api_path(request.path_info):
        return problem.http_response()
    context = {
        "problem": problem.body(),
        "words": error_words(code=problem.code, status=problem.status),
        "theme": theme_of(request),
        "LANGUAGE_CODE": get_language(),
    }
    page = render_to_string("errors/problem.html", context)
    return HttpResponse(page, status=problem.status, headers=dict(problem.headers))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400."""
    found = errors.describe(exception)
    return show(
        request,
        found
        or Problem(
            status=400, code="bad_request", detail=_("The server cannot accept this request.")
        ),
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    del exception
    return show(
        request,
        Problem(status=403, code="permission_denied", detail=_("You are not allowed to do this.")),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404."""
    del exception
    return show(request, errors.not_found())


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500; Django has logged the exception."""
    return show(request, errors.server_error())


def method_not_allowed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """For an address that only takes a form, opened in a browser."""
    return show(
        request,
        Problem(
            status=405,
            code="method_not_allowed",
            detail=_("It only takes what a form or a program sends."),
            headers={"Allow": response["Allow"]},
        ),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW."""
    del reason
    problem = errors.describe(csrf_failed())
    assert problem is not None  # noqa: S101  (a ServiceError always has one; for mypy)
    return show(request, problem)


async def timed_out(scope: dict[str, Any]) -> HttpResponse:
    """For a request whose view did not answer in time. No middleware has seen it: language and
    headers are set here."""
    return await sync_to_async(_timed_out, thread_sensitive=False)(scope)


def _timed_out(scope: dict[str, Any]) -> HttpResponse:
    request = ASGIRequest(scope, io.BytesIO())
    with override(get_language_from_request(request)), request_id_set(uuid4().hex) as request_id:
        response = show(
            request,
            Problem(
                status=503,
                code="request_timeout",
                detail=_("This takes longer than the server waits. It may still take effect."),
            ),
        )
    response["X-Request-Id"] = request_id
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'"
    response["Permissions-Policy"] = PERMISSIONS_POLICY
    return response


def locked_out(
    request: HttpRequest,
    original_response: HttpResponse | None = None,
    credentials: dict[str, Any] | None = None,
) -> HttpResponse:
    """AXES_LOCKOUT_CALLABLE: too many failed sign-ins of one name from one address."""
    del original_response, credentials
    cool_off = get_cool_off(request)
    seconds = int(cool_off.total_seconds()) if cool_off else 0
    return show(
        request,
        Problem(
            status=429,
            code="locked_out",
            detail=_("Too many failed sign-ins. Try again in %(minutes)s min.")
            % {"minutes": -(-seconds // 60)},
            extra={"retry_after_seconds": seconds},
            headers={"Retry-After": str(seconds)},
        ),
    )
