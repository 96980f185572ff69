"""Guarantee: whatever the export, a reader finds the very figures of the envelope."""

import io
import json
import re

import pydicom
import pytest
from pydicom.sr.codedict import codes

from tests.xray.factories import make_envelope, make_facts, make_finding
from xray.exports.dicom_sc import as_secondary_capture
from xray.exports.dicom_sr import as_sr
from xray.exports.fhir import as_fhir
from xray.exports.json_report import as_json
from xray.exports.pdf import as_pdf

# Probability, operating point, interval, share of the heat map inside the lungs.
CASES = [
    (0.912, 0.437, 0.861, 0.948, 0.734),
    (0.5, 0.1, 0.3, 0.7, 0.501),
    (0.999, 0.05, 0.998, 1.0, 1.0),
    (0.29, 0.285, 0.2, 0.35, 0.007),  # 0.29 is no binary fraction: 0.28999...
]


def finding(case):
    probability, point, low, high, share = case
    return make_finding(
        probability=probability, operating_point=point, interval=(low, high), inside_share=share
    )


def in_json(envelope, _):
    (told,) = json.loads(as_json(envelope))["ai_findings"]
    return (told["probability"], told["operating_point"], *told["interval"], told["inside_share"])


def in_fhir(envelope, _):
    entries = json.loads(json.dumps(as_fhir(envelope)))["entry"]
    (told,) = [e["resource"] for e in entries if e["resource"]["resourceType"] == "Observation"]
    components = [component["valueQuantity"]["value"] for component in told["component"]]
    return (told["valueQuantity"]["value"], *components)


def in_sr(envelope, _):
    dataset = pydicom.dcmread(io.BytesIO(as_sr(envelope)))
    found = {}

    def walk(item):
        for child in item.get("ContentSequence", []):
            if child.ValueType == "NUM":
                name = child.ConceptNameCodeSequence[0].CodeValue
                found[name] = float(child.MeasuredValueSequence[0].NumericValue)
            walk(child)

    walk(dataset)
    probability = codes.DCM.Probability.value
    names = ("operating_point", "interval_low", "interval_high", "inside_share")
    return (found[probability], *(found[name] for name in names))


def in_basic_text(envelope, _):
    dataset = pydicom.dcmread(io.BytesIO(as_sr(envelope, template="basic_text")))
    (line,) = [text for text in _texts(dataset) if text.startswith("F1 ")]
    probability, low, high, point, share = _numbers(line)
    return (probability, point, low, high, share)


def _texts(item):
    found = [item.TextValue] if "TextValue" in item else []
    return found + [text for child in item.get("ContentSequence", []) for text in _texts(child)]


def _numbers(text):
    return [float(number) for number in re.findall(r"\d\.\d{3}", text)]


@pytest.fixture
def in_pdf(pages):
    def read(envelope, pictures):
        (page,) = [page for page in pages(as_pdf(envelope, pictures)) if "F1" in page]
        after = page[page.index("F1") :]
        probability, low, high, point, share = _numbers(after)[:5]
        return (probability, point, low, high, share)

    return read


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("case", CASES)
def test_json_pdf_fhir_and_sr_carry_identical_numbers(case, language, pictures, in_pdf):
    envelope = make_envelope(make_facts(findings=(finding(case),)), language=language)
    for read in (in_json, in_fhir, in_sr, in_basic_text, in_pdf):
        assert tuple(read(envelope, pictures)) == case, read


@pytest.mark.parametrize("case", CASES)
def test_the_capture_names_the_same_figures(case, pictures):
    envelope = make_envelope(make_facts(findings=(finding(case),)))
    dataset = pydicom.dcmread(io.BytesIO(as_secondary_capture(envelope, pictures)))
    assert tuple(_numbers(dataset.DerivationDescription)) == case[:2]
