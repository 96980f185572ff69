"""`/metrics` in the Prometheus text format, for this machine or with a token."""

from __future__ import annotations

import os

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from project.api.client_address import is_loopback
from project.web.queue_metrics import QueueCollector


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The page; a stranger learns nothing, not even that it exists."""
    if not (is_loopback(request) or _has_token(request)):
        raise Http404
    registry = CollectorRegistry()
    registry.register(QueueCollector())
    return HttpResponse(
        generate_latest(_requests()) + generate_latest(registry), content_type=CONTENT_TYPE_LATEST
    )


def _requests() -> CollectorRegistry:
    """Counters of this process, or of all web processes when they share a folder."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:  # the library's own switch, not a setting
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # untyped library
    return shared


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and constant_time_compare(given, settings.METRICS_TOKEN)
