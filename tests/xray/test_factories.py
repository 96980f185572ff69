"""Guarantees about the rows and facts that the other tests stand on."""

import json

import pytest

from tests.xray.factories import make_envelope, make_facts, make_finding, make_report, make_study
from xray.models import Study
from xray.reports.envelope import Envelope, canonical, digest


def test_an_envelope_has_every_member_of_the_contract_and_is_plain_json():
    for language in ("en", "zh-hans"):
        envelope = make_envelope(language=language)
        assert set(envelope) == set(Envelope.__annotations__)
        assert json.loads(canonical(envelope)) == envelope


def test_a_finding_below_its_point_has_no_heatmap_and_no_region():
    finding = make_finding(probability=0.05, interval=(0.02, 0.09))
    envelope = make_envelope(make_facts(findings=(finding,)))
    assert finding.band == "below"
    assert envelope["ai_findings"][0]["heatmap"] is False
    assert envelope["ai_findings"][0]["region"] == "unspecified"


@pytest.mark.django_db
def test_a_made_study_hangs_together(user, stranger, private_files):
    study = make_study(user)
    report = study.reports.get()
    assert report.envelope["study_id"] == str(study.pk)
    assert report.digest == digest(report.envelope)
    assert study.predictions.get().heatmap.map.width == study.film.width
    assert list(Study.objects.visible_to(user)) == [study]
    assert not Study.objects.visible_to(stranger)
    second = make_report(study, language="zh-hans")
    assert (second.number, second.language) == (2, "zh-hans")
    assert study.reports.current().get() == second
