"""Requests by route, method and status, and their latency.

Plain prometheus_client: django-prometheus labels by view name, wraps the database and cache
back ends too, and has no series by route, method and status together.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import Counter, Histogram

REQUESTS = Counter(
    "omnilens_http_requests_total", "Requests answered.", ["route", "method", "status"]
)
LATENCY = Histogram(
    "omnilens_http_request_seconds",
    "Time until the response started.",
    ["route", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMetricsMiddleware:
    """Count and time each request under its route pattern, which holds no id and no user."""

    sync_capable = True
    async_capable = False
    timer = staticmethod(time.perf_counter)

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = self.timer()
        response = self.get_response(request)
        match = request.resolver_match
        route = match.route if match else "unmatched"
        method = request.method if request.method in _METHODS else "other"
        LATENCY.labels(route, method).observe(self.timer() - started)
        REQUESTS.labels(route, method, str(response.status_code)).inc()
        return response
