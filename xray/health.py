"""What `/health` says about this room. Everything is observed: rows, files, the last heartbeat."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from project.jobs.models import Worker
from project.web.health.registry import AppHealth
from project.web.queue_overview import WORKER_SILENT_AFTER
from xray.choices import VersionStatus
from xray.models import ModelVersion
from xray.services.model_files import is_file_present
from xray.services.shipped import shipped_gate
from xray.services.versions import NAME


def check() -> AppHealth:
    """Degraded while no film could be scored."""
    version = _active()
    facts = {
        "model": None
        if version is None
        else {"name": version.name, "version": version.version, "sha256": version.sha256},
        "gate": "present" if shipped_gate().is_file() else "missing",
    }
    reason = _missing(version)
    return AppHealth(status="degraded" if reason else "healthy", reason=reason, facts=facts)


def predictor_available(now: datetime | None = None) -> bool:
    """Whether a film that is sent now would be scored: networks here, and a worker alive."""
    heard = Worker.objects.filter(
        last_seen__gte=(now or timezone.now()) - WORKER_SILENT_AFTER, live=True
    )
    return not _missing(_active()) and heard.exists()


def _active() -> ModelVersion | None:
    return ModelVersion.objects.filter(name=NAME, status=VersionStatus.ACTIVE).first()


def _missing(version: ModelVersion | None) -> str:
    """A code, empty when nothing is missing."""
    if version is None:
        return "no_active_model"
    if not is_file_present(version) or not shipped_gate().is_file():
        return "weights_missing"
    return ""
