"""What the machine does at this moment, in numbers that may be public."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from project.jobs import states
from project.jobs.models import Job, Worker
from project.web.queue_overview import WORKER_SILENT_AFTER

MEMORY = ("device_total_bytes", "device_free_bytes", "models_bytes", "budget_bytes")


def running_now(now: datetime) -> dict[str, Any]:
    """Devices of the living workers with their memory, and how much work there is.

    A number that a device cannot tell is None.
    """
    alive = Worker.objects.filter(last_seen__gte=now - WORKER_SILENT_AFTER).order_by("pk")
    queue = Job.objects.filter(~states.GROUP, states.UNFINISHED).aggregate(
        queued=Count("pk", filter=Q(state=Job.State.QUEUED)),
        running=Count("pk", filter=Q(state=Job.State.RUNNING)),
    )
    return {
        "queue": queue,
        "devices": [
            {
                "device": worker.device,
                "ready": worker.ready,
                "busy_share": worker.busy_share,
                "memory": {name: worker.memory.get(name) for name in MEMORY},
                "models": sorted(
                    f"{resident['name']}@{resident['version']}" for resident in worker.residents
                ),
            }
            for worker in alive
        ],
    }
