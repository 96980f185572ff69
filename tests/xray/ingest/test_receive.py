"""The door as a whole: what it says of a film, how much it takes at once, and real films."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from project.images import intake
from project.images.errors import TooBusy
from tests.xray import canaries
from tests.xray.ingest import corpus
from xray.ingest import receive as door

PACK = Path(os.environ.get("OMNILENS_XRAY_DATA", "")) / "dicom"
needs_films = pytest.mark.skipif(
    not os.environ.get("OMNILENS_XRAY_DATA") or not PACK.is_dir(),
    reason="OMNILENS_XRAY_DATA names no data pack with real DICOM films",
)


def test_a_film_is_known_by_the_bytes_that_were_sent(take):
    content = canaries.dicom()
    assert take(content).content_sha256 == hashlib.sha256(content).hexdigest()
    assert take(content, "a").content_sha256 == take(content, "b").content_sha256


def test_every_kind_of_file_of_one_film_is_one_film(take):
    expected = canaries.film().astype(np.float32) / 255
    films = [take(content) for content in (canaries.dicom(), *canaries.rasters().values())]
    assert [film.source_format for film in films] == ["DICOM", "PNG", "JPEG", "TIFF", "GIF"]
    for film in films:
        assert film.pixels.flags["C_CONTIGUOUS"] and film.pixels.dtype == np.float32
        assert film.pixels.min() >= 0 and film.pixels.max() <= 1
        assert np.abs(film.pixels - expected).mean() < 0.02


def test_large_films_are_read_one_at_a_time_and_small_ones_beside_them(take, monkeypatch):
    monkeypatch.setattr(intake, "_HEAVY_PATIENCE_SECONDS", 0.01)
    with intake._decoding_heavy:
        assert take(corpus.native_file()).pixels.shape == (40, 30)
        monkeypatch.setattr(door, "_HEAVY_PIXELS", 100)
        for content in (corpus.native_file(), canaries.rasters()[f"{canaries.FILE_NAME}.png"]):
            with pytest.raises(TooBusy):
                take(content)
    assert take(corpus.native_file()).pixels.shape == (40, 30)


def test_limits_are_told_with_every_refusal(refused, take, settings):
    from project.images.errors import UploadRefused

    settings.XRAY_DICOM_MEGAPIXELS, settings.XRAY_RASTER_MAX_BYTES = 7, 123_456
    with pytest.raises(UploadRefused) as caught:
        take(b"nothing")
    assert caught.value.extra["allowed"] == {
        "formats": ["DICOM", "PNG", "JPEG", "GIF", "BMP", "TIFF"],
        "max_bytes": 123_456, "max_pixels": 40_000_000,
        "dicom_max_bytes": 100_000_000, "dicom_max_pixels": 7_000_000,
    }  # fmt: skip


@needs_films
def test_real_films_are_of_adults_and_refused_as_such(refused):
    for path in sorted(PACK.glob("*.dcm")):
        assert refused(path.read_bytes()) == "population_mismatch"


@needs_films
def test_a_wrong_monochrome1_tag_gives_the_inverted_film(take, settings):
    """The two real files hold the same pixels under both tags: the gate has to notice."""
    settings.XRAY_ADULTS = True
    right, wrong = (take((PACK / f"rsna_mono{n}_jpeg.dcm").read_bytes()) for n in (2, 1))
    assert right.pixels.shape == (1024, 1024) and right.bit_depth == 8
    assert np.abs(right.pixels + wrong.pixels - 1).max() < 1e-6
    for film in (right, wrong):
        assert (film.age_band, film.sex, film.view) == ("60-64", "M", "PA")
        assert "16d7f894" not in repr(film) and film.pseudonym.startswith("PX-")
    assert right.pseudonym == wrong.pseudonym
