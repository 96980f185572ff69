"""Guarantees about the FHIR bundle."""

import json

import pytest
from fhir.resources.R4B.bundle import Bundle

from tests.xray.exports.conftest import ACCEPTED
from tests.xray.factories import make_envelope, make_facts, make_finding
from xray.exports.fhir import as_fhir


def by_type(bundle):
    found = {}
    for entry in bundle["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    return found


def reviewed(status, envelope=None):
    review = {**ACCEPTED, "status": status} if status != "pending" else None
    return {**(envelope or make_envelope()), **({"review": review} if review else {})}


SHAPES = {
    "usual": {},
    "nameless": {"pseudonym": "", "age_band": "", "sex": "", "view": ""},
    "dateless": {"study_date": ""},
    "without findings": {"findings": ()},
    "below": {"findings": (make_finding(probability=0.0, interval=(0.0, 0.004)),)},
    "borderline": {"findings": (make_finding(probability=0.45, interval=(0.4, 0.5)),)},
    "hostile": {"indication": "<script>&\x07", "pseudonym": "p<&\x07"},
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("status", ["pending", "accepted", "edited", "rejected"])
def test_every_bundle_fits_the_schema(shape, language, status):
    envelope = make_envelope(make_facts(**SHAPES[shape]), language=language)
    bundle = as_fhir(reviewed(status, envelope))
    Bundle.model_validate_json(json.dumps(bundle))
    ids = {entry["fullUrl"] for entry in bundle["entry"]}
    assert len(ids) == len(bundle["entry"])
    assert set(_references(bundle)) <= ids


def _references(node):
    if isinstance(node, dict):
        for name, value in node.items():
            yield from [value] if name == "reference" else _references(value)
    if isinstance(node, list):
        for value in node:
            yield from _references(value)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("pending", "preliminary"),
        ("accepted", "final"),
        ("edited", "amended"),
        ("rejected", "entered-in-error"),
    ],
)
def test_the_status_follows_the_review(status, said):
    found = by_type(as_fhir(reviewed(status)))
    report = found["DiagnosticReport"][0]
    assert report["status"] == said
    assert [one["status"] for one in found["Observation"]] == [said]
    signed = report.get("resultsInterpreter", [{}])[0].get("display")
    assert signed == (None if status == "pending" else "Dr. Ågård Li")


def test_a_report_that_was_edited_and_then_accepted_stays_amended():
    edits = [{"section": "impression", "before": "Old.", "after": "New."}]
    envelope = {**make_envelope(), "review": {**ACCEPTED, "edits": edits}}
    found = by_type(as_fhir(envelope))
    assert found["DiagnosticReport"][0]["status"] == "amended"
    assert "Old. -&gt; New." in found["DiagnosticReport"][0]["text"]["div"]


def test_a_finding_is_one_coded_observation_by_the_device():
    found = by_type(as_fhir(make_envelope()))
    (observation,), (device,) = found["Observation"], found["Device"]
    assert observation["code"]["coding"] == [
        {"system": "http://snomed.info/sct", "code": "233604007", "display": "Pneumonia"}
    ]
    assert observation["interpretation"][0]["coding"][0]["code"] == "POS"
    assert observation["bodySite"]["text"] == "right lower zone"
    assert observation["device"]["reference"] == f"urn:uuid:{device['id']}"
    assert device["identifier"][0]["value"] == "5f" * 32
    assert device["version"] == [{"value": "1.0.0"}]


def test_only_a_finding_above_its_point_is_a_conclusion():
    def codes(probability):
        finding = make_finding(probability=probability, interval=(probability, probability))
        bundle = as_fhir(make_envelope(make_facts(findings=(finding,))))
        return len(by_type(bundle)["DiagnosticReport"][0].get("conclusionCode", []))

    assert [codes(p) for p in (0.1, 0.43, 0.47, 0.6)] == [0, 0, 0, 1]


def test_disclaimer_and_model_version_are_in_it(envelope):
    found = by_type(as_fhir(envelope))
    report = found["DiagnosticReport"][0]
    assert report["conclusion"].endswith(envelope["disclaimer"])
    assert "cxr-resnet50 1.0.0" in report["text"]["div"]
    for resource in (*found["Observation"], *found["Device"]):
        assert envelope["disclaimer"] in [note["text"] for note in resource["note"]]


def test_the_patient_is_a_pseudonym_without_name_or_birth_date():
    (patient,) = by_type(as_fhir(make_envelope()))["Patient"]
    assert set(patient) == {"resourceType", "id", "extension", "identifier", "gender"}
    assert patient["identifier"][0]["value"] == "p-7c41d0e2"


def test_the_same_report_is_the_same_bundle_and_another_one_shares_only_study_and_device():
    first, again = as_fhir(make_envelope()), as_fhir(make_envelope())
    assert first == again
    other = as_fhir(make_envelope(language="zh-hans"))
    shared = {e["fullUrl"] for e in first["entry"]} & {e["fullUrl"] for e in other["entry"]}
    kinds = {e["resource"]["resourceType"] for e in first["entry"] if e["fullUrl"] in shared}
    assert kinds == {"ImagingStudy", "Device", "Patient"}
