"""Guarantee: nothing that a sender wrote about a person leaves with an export."""

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.xray import canaries
from tests.xray.factories import draw_heatmap, make_envelope, make_facts
from xray.exports import overlay
from xray.exports.dicom_sc import as_secondary_capture
from xray.exports.dicom_sr import TEMPLATES, as_sr
from xray.exports.fhir import as_fhir
from xray.exports.json_report import as_json
from xray.exports.pdf import as_pdf
from xray.exports.pictures import Pictures
from xray.ingest.receive import receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def received():
    """A film full of canaries, as the door lets it in."""
    upload = SimpleUploadedFile(f"{canaries.FILE_NAME}.dcm", canaries.dicom())
    return receive(upload, patient_key="KANARI-key")


def envelope_of(received, language):
    return make_envelope(
        make_facts(
            study_date=received.study_date_shifted,
            pseudonym=received.pseudonym,
            age_band=received.age_band,
            sex=received.sex,
            view=received.view,
            laterality_marker=received.laterality_marker,
            warnings=tuple(received.warnings),
        ),
        language=language,
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_canary_leaves_with_any_export(received, language):
    envelope = envelope_of(received, language)
    height, width = received.pixels.shape
    pictures = Pictures(
        film=np.asarray(received.pixels, np.float32),
        heatmaps={"pneumonia": draw_heatmap(height, width)},
    )
    made = {
        "json": as_json(envelope),
        "fhir": repr(as_fhir(envelope)),
        "pdf": as_pdf(envelope, pictures),
        "sc": as_secondary_capture(envelope, pictures),
        "png": overlay.as_png(overlay.paint(pictures.film, pictures.heatmaps["pneumonia"])),
        **{template: as_sr(envelope, template=template) for template in TEMPLATES},
    }
    assert {name: canaries.find_canaries(content) for name, content in made.items()} == (
        {name: set() for name in made}
    )


def test_the_search_would_find_a_name_in_every_export(received):
    """The searched places are read: a canary that somebody put there is found."""
    envelope = envelope_of(received, "en")
    leaking = {**envelope, "patient": {**envelope["patient"], "pseudonym": "KANARI-id-0815"}}
    pictures = Pictures(film=np.asarray(received.pixels, np.float32))
    for content in (
        as_json(leaking),
        repr(as_fhir(leaking)),
        as_secondary_capture(leaking, pictures),
        *(as_sr(leaking, template=template) for template in TEMPLATES),
    ):
        assert canaries.find_canaries(content)
