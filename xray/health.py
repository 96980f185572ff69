"""What `/health` says about this room. Everything is observed: rows, files, the last heartbeat."""

from __future__ import annotations

import time
from datetime import datetime
from functools import lru_cache

from django.utils import timezone

from project.images import storage
from project.jobs.models import Worker
from project.web.health.registry import AppHealth
from project.web.queue_overview import WORKER_SILENT_AFTER
from xray.choices import VersionStatus
from xray.models import ModelVersion
from xray.services.llm_backend import current_backend
from xray.services.llm_status import llm_status
from xray.services.model_files import is_file_present
from xray.services.shipped import shipped_gate
from xray.services.versions import NAME, shipped_shortcomings

SECONDS_BETWEEN_LOOKS = 60


def check() -> AppHealth:
    """Degraded while no film could be scored, or while a configured language model fails.

    Hashes, addresses and times are for operators; they are not here.
    """
    version = _active()
    language_model = llm_status(current_backend()).state
    facts = {
        "model": None if version is None else {"name": version.name, "version": version.version},
        "gate": "present" if shipped_gate().is_file() else "missing",
        "language_model": language_model,
    }
    reason = _missing(version) or ("llm_unavailable" if language_model == "failing" else "")
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
        return "shipped_below_goals" if shipped_shortcomings() else "no_active_model"
    if not _is_present(version):
        is_replaced = version.is_shipped and shipped_shortcomings()
        return "shipped_below_goals" if is_replaced else "weights_missing"
    return "" if shipped_gate().is_file() else "weights_missing"


def _is_present(version: ModelVersion) -> bool:
    """A stored file may lie beyond a network, so its store is asked once a minute at most."""
    if version.is_shipped:
        return is_file_present(version)
    return _is_stored(version.file, int(time.monotonic() // SECONDS_BETWEEN_LOOKS))


@lru_cache(maxsize=4)
def _is_stored(key: str, look: int) -> bool:
    del look
    return storage.exists(key)
