"""`/metrics` in the Prometheus text format, for this machine or with a token."""

from __future__ import annotations

import os
from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from project.api.client_address import is_loopback
from project.web.queue_overview import overview


class QueueCollector(Collector):
    """Jobs, queue age and workers, read from the database at scrape time."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Four families; labels hold kinds and states, never a user."""
        now = timezone.now()
        found = overview(now=now)
        jobs = GaugeMetricFamily(
            "omnilens_jobs", "Jobs by kind and state.", labels=["kind", "state"]
        )
        for (kind, state), number in sorted(found.jobs.items()):
            jobs.add_metric([kind, state], number)
        yield jobs
        yield GaugeMetricFamily(
            "omnilens_queue_oldest_seconds",
            "Age of the oldest queued job.",
            value=found.oldest_queued_seconds,
        )
        yield GaugeMetricFamily(
            "omnilens_workers",
            "Workers heard of within the last minute.",
            value=sum(beating for _, beating in found.workers),
        )
        yield GaugeMetricFamily(
            "omnilens_jobs_running",
            "Jobs that living workers say they run.",
            value=sum(worker.running for worker, beating in found.workers if beating),
        )


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
