"""What is found of the shipped classifier's number formats reaches the registry, and nothing else."""

from __future__ import annotations

import copy
import hashlib
import json

import pytest

from project.inference import registry
from xray.management.commands import xray_eval
from xray.pipeline.form import BFLOAT16_FORM
from xray.services import versions
from xray.services.shipped import WEIGHTS, shipped_classifier

needs_the_file = pytest.mark.skipif(
    not shipped_classifier().is_file(), reason="needs the shipped classifier"
)
FOUND = {
    "bfloat16": {
        "films": 416,
        "probability_difference": 0.006,
        "regions_equal": 1.0,
        "verified": True,
        "form": BFLOAT16_FORM,
    }
}


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A folder of figures of its own, with nothing known of bfloat16."""
    metrics = json.loads((WEIGHTS / "metrics.json").read_text("utf-8"))
    formats = metrics["figures"]["holdout"]["formats"]
    metrics["figures"]["holdout"]["formats"] = {"float32": formats["float32"]}
    (tmp_path / "metrics.json").write_text(json.dumps(metrics), "utf-8")
    monkeypatch.setattr(versions, "WEIGHTS", tmp_path)
    monkeypatch.setattr(xray_eval, "WEIGHTS", tmp_path)
    return tmp_path / "metrics.json"


def test_evidence_of_the_shipped_file_is_kept_beside_it_and_other_formats_stay(shipped):
    before = json.loads(shipped.read_text("utf-8"))
    xray_eval._keep_evidence(FOUND)
    after = json.loads(shipped.read_text("utf-8"))
    expected = copy.deepcopy(before)
    expected["figures"]["holdout"]["formats"] |= FOUND
    assert after == expected
    assert "float32" in after["figures"]["holdout"]["formats"]
    digest = hashlib.sha256(shipped.read_bytes()).hexdigest()
    assert f"{digest}  metrics.json" in (shipped.parent / "SHA256SUMS").read_text("utf-8")


@needs_the_file
@pytest.mark.django_db
def test_later_evidence_reaches_a_row_that_serves_and_changes_nothing_else(shipped):
    row = versions.ensure_shipped()
    assert row is not None
    assert [one.dtype for one in registry.get(row.host_name).allowed("cpu")] == ["float32"]
    before = copy.deepcopy(row.metrics)
    changed = json.loads(shipped.read_text("utf-8"))
    changed["figures"]["holdout"]["auc"] = 0.5
    shipped.write_text(json.dumps(changed), "utf-8")
    xray_eval._keep_evidence(FOUND)
    versions.ensure_shipped()
    row.refresh_from_db()
    before["holdout"]["formats"] |= FOUND
    assert row.metrics == before
    allowed = registry.get(row.host_name).allowed("cpu")
    assert [one.dtype for one in allowed] == ["bfloat16", "float32"]
