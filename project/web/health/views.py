"""`/health`, `/healthz`, `/readyz`: for people, for process managers, for load balancers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from project.web.health import registry
from project.web.health.checks import Check, check_database, check_weights, check_worker, readiness
from project.web.health.load import running_now


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """`/healthz`: this process answers; nothing else is asked."""
    del request
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """`/readyz`: 200 when every check holds, else 503; both say which."""
    del request
    checks = readiness()
    good = all(check.ok for check in checks)
    body = {
        "status": "ready" if good else "not_ready",
        "checks": {check.name: "ok" if check.ok else check.reason for check in checks},
    }
    return JsonResponse(body, status=200 if good else 503)


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """`/health`: the public summary; 503 only when the database or every worker is gone."""
    del request
    now = timezone.now()
    database = check_database()
    worker = check_worker(now) if database.ok else _unknown("worker")
    weights = check_weights(now) if database.ok else _unknown("weights")
    apps = registry.apps() if database.ok else {}
    if not (database.ok and worker.ok):
        status = "unhealthy"
    elif weights.ok and all(app.status == "healthy" for app in apps.values()):
        status = "healthy"
    else:
        status = "degraded"
    body: dict[str, Any] = {
        "status": status,
        "version": settings.VERSION,
        "database": "ok" if database.ok else database.reason,
        "worker": "ok" if worker.ok else worker.reason,
        "apps": {
            name: {
                "status": app.status,
                **({"reason": app.reason} if app.reason else {}),
                **app.facts,
            }
            for name, app in apps.items()
        },
        **(running_now(now) if database.ok else {}),
        "ai_systems": {
            "initialization_status": "success" if worker.ok and weights.ok else "failed",
            **(registry.ai_systems() if database.ok else {}),
        },
    }
    return JsonResponse(body, status=503 if status == "unhealthy" else 200)


def _unknown(name: str) -> Check:
    return Check(name=name, ok=False, reason="database_down")
