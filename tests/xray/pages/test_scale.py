"""The scale beside each figure."""

from __future__ import annotations

import pytest

from tests.xray.factories import make_envelope, make_facts, make_finding
from xray.pages.findings import VALUE, finding_row_of


@pytest.mark.parametrize("probability", [0.0, 0.0004, 0.5, 0.9996, 1.0])
def test_the_mark_of_a_probability_stays_on_the_scale(probability):
    finding = make_finding(probability=probability, interval=(0.0, 1.0))
    envelope = make_envelope(make_facts(findings=(finding,)))
    scale = finding_row_of(dict(envelope["ai_findings"][0])).scale
    assert 0 <= float(scale.probability) <= 100 - VALUE
    assert abs(float(scale.probability) + VALUE / 2 - probability * 100) <= VALUE / 2 + 0.05
