"""What `manage.py doctor` says about the classifier of this room."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError

from project.doctor.findings import Finding, error, ok, warning
from xray.choices import VersionStatus
from xray.models import ModelVersion
from xray.services.model_files import is_file_present
from xray.services.shipped import WEIGHTS, shipped_classifier, shipped_gate
from xray.services.versions import NAME, shipped_shortcomings

TOPIC = "chest X-ray"
RESTORE = f"git checkout {WEIGHTS.relative_to(WEIGHTS.parent.parent)}"


def examine() -> Iterator[Finding]:
    """Which classifier serves, or why none does, and whether the gate is there."""
    try:
        yield _classifier()
    except DatabaseError as failure:
        yield warning(
            TOPIC,
            f"The database knows no classifier yet ({type(failure).__name__}).",
            "manage.py migrate",
        )
    if not shipped_gate().is_file():
        yield error(TOPIC, "The file of the gate is missing.", RESTORE)


def _classifier() -> Finding:
    active = ModelVersion.objects.filter(name=NAME, status=VersionStatus.ACTIVE).first()
    if active is not None and is_file_present(active):
        return ok(TOPIC, f"{active} serves.")
    missed = shipped_shortcomings()
    if missed:
        return error(
            TOPIC,
            f"The shipped classifier may not serve: it misses {'; '.join(missed)}.",
            "Import one with manage.py xray_import_checkpoint, or restore a release that meets the goals.",
        )
    if active is not None:
        return error(TOPIC, f"The file of {active} is missing.", RESTORE)
    if not shipped_classifier().is_file():
        return error(TOPIC, "The file of the shipped classifier is missing.", RESTORE)
    return error(TOPIC, "No classifier is active.", "Activate one in the admin.")
