"""Exceptions of pages that have an answer: a ServiceError, a store that is down."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import TimeoutError as RedisSlow

from project.api.errors import describe
from project.errors import ServiceError
from project.web.error_pages import method_not_allowed, show

logger = logging.getLogger(__name__)


class FailureMiddleware:
    """Show them as page or problem document; everything else is left to `handler500`.

    Django's decorators answer a wrong method with an empty body; that gets a page as well.
    """

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            return method_not_allowed(request, response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django calls this when a view raised."""
        if not isinstance(error, (ServiceError, RedisGone, RedisSlow)):
            return None
        problem = describe(error)
        if problem is None:
            return None
        if problem.status >= 500:
            logger.error("%s: %s", problem.code, type(error).__name__, exc_info=error)
        return show(request, problem)
