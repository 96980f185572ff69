"""On which kind of device the next job will run, as far as the web process can know."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from enhance.options import QualityLevel
from project.jobs.models import Worker

HEARTBEAT_AGE = timedelta(minutes=2)


def current_device(*, now: datetime | None = None) -> str:
    """`cpu` or `cuda`: the setting when it says so, else what a living worker reports."""
    wanted = settings.DEVICE.partition(":")[0]
    if wanted in ("cpu", "cuda"):
        return str(wanted)
    alive = (now or timezone.now()) - HEARTBEAT_AGE
    on_gpu = Worker.objects.filter(device__startswith="cuda", last_seen__gte=alive)
    return "cuda" if on_gpu.exists() else "cpu"


def device_memory(device: str, *, now: datetime | None = None) -> int | None:
    """Bytes of the smallest living worker of this kind of device; None where none has said so."""
    alive = (now or timezone.now()) - HEARTBEAT_AGE
    workers = Worker.objects.filter(device__startswith=device, last_seen__gte=alive)
    totals = [
        total
        for memory in workers.values_list("memory", flat=True)
        if (total := memory.get("device_total_bytes"))
    ]
    return min(totals, default=None)


def default_quality(device: str) -> QualityLevel:
    """The original's default is `high`; without a GPU it would take minutes unasked."""
    return "high" if device == "cuda" else "fast"
