"""Which classifier serves."""

from __future__ import annotations

import json
import logging
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from project.errors import ServiceError
from xray.choices import VersionStatus
from xray.models import ModelVersion
from xray.networks import sha256_of
from xray.services.activate import activate_version
from xray.services.goals import missed_goals
from xray.services.shipped import WEIGHTS, shipped_classifier

logger = logging.getLogger(__name__)

NAME = "cxr-resnet50"


def active_version() -> ModelVersion:
    """The version that new studies get. Raises ServiceError model_unavailable (503)."""
    version = ModelVersion.objects.filter(name=NAME, status=VersionStatus.ACTIVE).first()
    if version is None:
        raise ServiceError(
            _(
                "No classifier is active on this server. An operator can activate one in the admin or restore the shipped file xray/weights/cxr-resnet50.safetensors."
            ),
            code="model_unavailable",
            status=503,
        )
    return version


def ensure_shipped() -> ModelVersion | None:
    """A row for the file that came with the product; called after each migration.

    It becomes active when nothing is, or when the active one is an older shipped file: what an
    operator activated stays. Its figures have to meet the goals like those of any other; one
    that misses them stays a draft, which `shipped_shortcomings`, health and doctor tell. None
    when the file or its metrics are not there.
    """
    path, metrics_path = shipped_classifier(), WEIGHTS / "metrics.json"
    if not path.is_file() or not metrics_path.is_file():
        return None
    metrics: dict[str, Any] = json.loads(metrics_path.read_text("utf-8"))
    sha256 = sha256_of(path)
    with transaction.atomic():
        row, created = ModelVersion.objects.get_or_create(
            sha256=sha256,
            defaults={
                "name": NAME,
                "version": metrics["version"],
                "architecture": metrics["architecture"],
                "file": path.name,
                "is_shipped": True,
                "px": metrics["px"],
                "labels": ["pneumonia"],
                "calibration": metrics["calibration"],
                "metrics": metrics["figures"],
                "data_sha256": metrics["training"]["data"]["sha256"],
                "command": metrics["training"]["command"],
                "trained_on": metrics["trained_on"],
            },
        )
        if not created:
            _take_evidence(row, metrics["figures"])
            return row
        active = ModelVersion.objects.filter(name=NAME, status=VersionStatus.ACTIVE)
        if active.filter(is_shipped=False).exists():
            return row
        missed = missed_goals(row)
        if missed:
            told = "; ".join(one.told() for one in missed)
            logger.warning("the shipped classifier %s does not serve: it misses %s", row, told)
            return row
        return activate_version(version=row, actor=None)


def shipped_shortcomings() -> list[str]:
    """The goals that keep the newest shipped file from serving; empty when nothing does."""
    drafts = ModelVersion.objects.filter(name=NAME, is_shipped=True, status=VersionStatus.DRAFT)
    newest = drafts.order_by("-pk").first()
    return [] if newest is None else [one.told() for one in missed_goals(newest)]


def _take_evidence(row: ModelVersion, figures: dict[str, Any]) -> None:
    """What metrics.json says of the number formats, which may be measured after the shipping.

    Everything else of a version that serves or served stays as it was.
    """
    holdout = row.metrics.get("holdout", {})
    found = figures.get("holdout", {}).get("formats")
    if row.is_shipped and found and holdout.get("formats") != found:
        row.metrics = {**row.metrics, "holdout": {**holdout, "formats": found}}
        row.save(update_fields=["metrics"])
