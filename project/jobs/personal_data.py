"""The jobs, events and orders to workers that a person takes along, and their end when the
person leaves: jobs go, an order stays without its name.

Files need no list here: a result has an image record, and a worker that still runs loses its
row, is fenced out and discards what it wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import register_eraser, register_exporter
from project.jobs.models import Job, JobEvent, WorkerOrder

_JOB_FIELDS = (
    "id", "kind", "lane", "params", "state", "stage", "progress", "attempt", "parent", "retry_of",
    "created_at", "started_at", "finished_at", "device_seconds", "error_code", "model_versions",
)  # fmt: skip
_EVENT_FIELDS = ("job", "seq", "name", "data", "at")
_ORDER_FIELDS = (
    "id", "worker", "action", "model", "created_at", "taken_at", "done_at", "outcome", "detail",
)  # fmt: skip


def register_all() -> None:
    """Called once, when the app is ready."""
    register_exporter("jobs", export_jobs)
    register_eraser("jobs", erase_jobs, words={"jobs": _("Jobs")})


def export_jobs(user: User) -> Iterator[tuple[str, list[Any]]]:
    """All jobs of the person, all stored events of them, and what they asked of workers."""
    jobs = Job.objects.visible_to(user).order_by("pk")
    events = JobEvent.objects.filter(job__in=jobs).order_by("job", "seq")
    yield "jobs/jobs.json", _plain(list(jobs.values(*_JOB_FIELDS)))
    yield "jobs/events.json", _plain(list(events.values(*_EVENT_FIELDS)))
    orders = WorkerOrder.objects.filter(requested_by=user).order_by("pk")
    yield "jobs/worker_orders.json", _plain(list(orders.values(*_ORDER_FIELDS)))


def erase_jobs(user: User) -> dict[str, int]:
    """Delete the rows, whatever their state; their events go with them."""
    _, counts = Job.objects.visible_to(user).delete()
    return {"jobs": counts.get("jobs.Job", 0)}


def _plain(rows: list[dict[str, Any]]) -> list[Any]:
    plain: list[Any] = json.loads(json.dumps(rows, cls=DjangoJSONEncoder))
    return plain
