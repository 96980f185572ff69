"""The classifier that comes with the product serves only when its figures meet the goals."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.db import OperationalError

from project.doctor.findings import Level
from tests.xray.registry.versions import CALIBRATION, figures, stored_version
from xray import doctor, health
from xray.models import AuditEvent, ModelVersion
from xray.services import versions
from xray.services.activate import activate_version
from xray.services.goals import missed_goals
from xray.services.versions import ensure_shipped, shipped_shortcomings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]


@pytest.fixture
def ship(monkeypatch, tmp_path):
    """Put a classifier of some figures into the product and let a migration meet it."""
    path, gate = tmp_path / "cxr-resnet50.safetensors", tmp_path / "gate.safetensors"
    gate.write_bytes(b"gate")
    monkeypatch.setattr(versions, "WEIGHTS", tmp_path)
    for module in ("versions", "model_files"):
        monkeypatch.setattr(f"xray.services.{module}.shipped_classifier", lambda: path)
    monkeypatch.setattr(doctor, "shipped_classifier", lambda: path)
    for module in (doctor, health):
        monkeypatch.setattr(module, "shipped_gate", lambda: gate)

    def ship(version, **changed):
        path.write_bytes(b"weights " + version.encode())
        metrics = {
            "version": version, "architecture": "resnet50", "px": 224,
            "calibration": CALIBRATION, "figures": figures(**changed), "trained_on": "films",
            "training": {"data": {"sha256": "ab" * 32}, "command": "manage.py xray_train"},
        }  # fmt: skip
        (tmp_path / "metrics.json").write_text(json.dumps(metrics))
        row = ensure_shipped()
        assert row.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        return ModelVersion.objects.get(pk=row.pk)

    return ship


def look():
    found = list(doctor.examine())
    assert len(found) == 1
    return found[0]


def test_a_shipped_classifier_that_meets_the_goals_serves_and_the_trail_says_so(ship):
    row = ship("2")
    assert (row.status, row.is_shipped, row.activated_by) == ("active", True, None)
    assert row.activated_at is not None
    event = AuditEvent.objects.get(action="model.activated")
    assert (event.actor_id, event.after) == (None, row.sha256)
    assert (health.check().reason, look().level) == ("", Level.OK)
    assert ship("2") == row and AuditEvent.objects.count() == 1, "the next migration does nothing"


def test_a_shipped_classifier_below_the_goals_does_not_serve_and_health_and_doctor_say_why(
    ship, caplog
):
    row = ship("2", auc=0.91)
    assert (row.status, row.activated_at) == ("draft", None)
    assert "auc >= 0.96 (is 0.91)" in caplog.text
    assert not AuditEvent.objects.exists()
    found = health.check()
    assert (found.status, found.reason) == ("degraded", "shipped_below_goals")
    assert not health.predictor_available()
    finding = look()
    assert (finding.level, bool(finding.repair)) == (Level.ERROR, True)
    assert "auc >= 0.96 (is 0.91)" in finding.text


def test_figures_of_other_films_or_of_another_point_let_no_shipped_classifier_serve(ship):
    assert ship("2", split="train").status == "draft"
    assert ship("3", operating_point={"probability": 0.5}).status == "draft"
    assert ship("4").status == "active"
    assert health.check().reason == ""


def test_a_newer_shipped_classifier_below_the_goals_is_told_when_it_took_the_older_ones_file(ship):
    first = ship("1")
    assert ship("2", ece=0.2).status == "draft"
    first.refresh_from_db()
    assert first.status == "active", "nothing better is here"
    assert health.check().reason == "shipped_below_goals"
    assert "ece <= 0.05 (is 0.2)" in look().text
    assert ship("3").status == "active"
    first.refresh_from_db()
    assert first.status == "retired"


def test_what_an_operator_activated_stays_whatever_is_shipped(ship):
    own = stored_version("own")
    activate_version(version=own, actor=None)
    assert ship("2").status == "draft"
    assert shipped_shortcomings() == []
    own.refresh_from_db()
    assert (own.status, look().text) == ("active", f"{own} serves.")


def test_the_doctor_needs_no_tables(monkeypatch):
    def broken():
        raise OperationalError("no such table")

    monkeypatch.setattr(doctor, "_classifier", broken)
    found = list(doctor.examine())
    assert (found[0].level, found[0].repair) == (Level.WARNING, "manage.py migrate")


def test_the_classifier_of_this_repository_meets_every_goal():
    metrics = json.loads((versions.WEIGHTS / "metrics.json").read_text("utf-8"))
    row = ModelVersion(calibration=metrics["calibration"], metrics=metrics["figures"])
    assert missed_goals(row) == []
