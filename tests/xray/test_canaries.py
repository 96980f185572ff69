"""The search for personal data finds what the films carry, so its silence means something."""

from __future__ import annotations

import io

import pydicom
import pytest
from PIL import Image

from tests.xray import canaries


def test_every_canary_of_a_dicom_file_is_found():
    dicom = canaries.dicom()
    assert len(canaries.TAGS) >= 25
    assert {"kanari", canaries.BIRTH_DATE, canaries.STUDY_DATE} <= canaries.find_canaries(dicom)
    held = pydicom.dcmread(io.BytesIO(dicom))
    assert [
        name for name in canaries.TAGS if not canaries.find_canaries(str(held[name].value))
    ] == []


@pytest.mark.parametrize("name", sorted(canaries.rasters()))
def test_every_raster_carries_canaries(name):
    content = canaries.rasters()[name]
    assert canaries.find_canaries(content) and canaries.find_canaries(name)
    assert Image.open(io.BytesIO(content)).size == (288, 320)


def test_a_canary_is_found_deflated_and_in_utf_16():
    png = canaries.rasters()[f"{canaries.FILE_NAME}.png"]
    assert b"KANARI deflated" not in png
    assert "kanari" in canaries.find_canaries(png[png.index(b"zTXt") :][:60] + b"\0")
    assert canaries.find_canaries("x KANARI".encode("utf-16-be")) == {"kanari"}
    assert canaries.find_canaries("1947-11-23T00:00") == {"1947-11-23"}


def test_a_plain_film_holds_no_canary():
    buffer = io.BytesIO()
    Image.fromarray(canaries.film()).save(buffer, "PNG")
    assert canaries.find_canaries(buffer.getvalue()) == set()
