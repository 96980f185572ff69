"""Fixtures of the export tests: pictures, envelopes, what a PDF says."""

import io

import pytest
from pypdf import PdfReader

from tests.xray.factories import draw_film, draw_heatmap, make_envelope
from xray.exports.pictures import Pictures

ACCEPTED = {
    "status": "accepted",
    "by": "Dr. Ågård Li",
    "at": "2026-03-15T10:20:30+00:00",
    "edits": [],
}


@pytest.fixture
def pictures():
    """A film of 320 x 288 with the heat map of a pneumonia."""
    return Pictures(film=draw_film(), heatmaps={"pneumonia": draw_heatmap()})


@pytest.fixture(params=["en", "zh-hans"])
def envelope(request):
    """The same facts in either language."""
    return make_envelope(language=request.param)


@pytest.fixture
def pages():
    """The text of each page of a PDF, its figures and units on one line."""

    def read(content):
        return [
            page.extract_text().replace("\xa0", " ")
            for page in PdfReader(io.BytesIO(content)).pages
        ]

    return read
