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


def default_quality(device: str) -> QualityLevel:
    """The original's default is `high`; without a GPU it would take minutes unasked."""
    return "high" if device == "cuda" else "fast"
