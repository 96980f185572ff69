"""The cheap checks: what is certainly no usable film is named, and a film passes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from django.core.exceptions import ImproperlyConfigured
from PIL import Image, ImageDraw, ImageFont

from project.settings import parsers
from tests.xray import canaries
from xray.ingest.limits import quality_limits
from xray.ingest.quality import LOW_QUALITY, NOT_CHEST_XRAY, QualityLimits, judge


def film(height: int = 320, width: int = 288):
    return canaries.film(height, width).astype(np.float32) / 255


def page():
    image = Image.new("L", (600, 800), 255)
    pen = ImageDraw.Draw(image)
    for line in range(20):
        pen.text(
            (40, 30 + 36 * line),
            "Discharge letter, page one of two",
            font=ImageFont.load_default(20),
        )
    return np.asarray(image, np.float32) / 255


def noise(size: int):
    return np.random.default_rng(0).random((size, size), np.float32)


@pytest.mark.parametrize("size", [(128, 128), (320, 288), (1024, 900), (300, 160)])
def test_a_film_passes(size):
    verdict = judge(film(*size), 0.0)
    assert (verdict.code, verdict.measure) == ("", "")
    assert verdict.measures["side"] == min(size)


@pytest.mark.parametrize(
    ("picture", "code", "measure"),
    [
        (film(127, 300), LOW_QUALITY, "side"),
        (np.full((300, 300), 0.5, np.float32), LOW_QUALITY, "contrast"),
        (film() * 0.05, LOW_QUALITY, "contrast"),
        (noise(300), LOW_QUALITY, "smoothness"),
        (noise(1500), LOW_QUALITY, "smoothness"),
        (noise(300) * np.linspace(0.2, 1, 300, dtype=np.float32), LOW_QUALITY, "smoothness"),
        (np.round(film() * 5) / 5, LOW_QUALITY, "entropy"),
        (page(), NOT_CHEST_XRAY, "extreme"),
        ((page() + 1) / 3, NOT_CHEST_XRAY, "binary"),
        (film(300, 601), NOT_CHEST_XRAY, "aspect"),
        (film(601, 300), NOT_CHEST_XRAY, "aspect"),
    ],
)
def test_noise_blank_tiny_pages_and_strips_are_named(picture, code, measure):
    verdict = judge(picture.astype(np.float32), 0.0)
    assert (verdict.code, verdict.measure) == (code, measure), verdict.measures


def test_colour_is_no_film_and_the_noise_of_a_jpeg_is():
    assert judge(film(), 3.01).measure == "colour"
    assert judge(film(), 2.99).code == ""


def test_the_same_film_has_the_same_measures_at_any_size():
    small, large = judge(film(320, 288), 0.0).measures, judge(film(1600, 1440), 0.0).measures
    for name in ("contrast", "entropy", "smoothness", "extreme"):
        assert small[name] == pytest.approx(large[name], rel=0.05, abs=0.02), name


@pytest.mark.parametrize("name", list(QualityLimits.__dataclass_fields__))
def test_every_threshold_can_refuse(name):
    beyond = 1e9 if name.startswith("least") else -1.0
    assert judge(film(), 0.0, replace(QualityLimits(), **{name: beyond})).code != ""


def test_the_operator_changes_thresholds_by_name(settings):
    settings.XRAY_QUALITY = parsers.numbers("least_side=256, most_colour=6")
    assert quality_limits() == replace(QualityLimits(), least_side=256, most_colour=6)
    settings.XRAY_QUALITY = parsers.numbers("sharpness=1")
    with pytest.raises(ImproperlyConfigured, match=r"unknown sharpness.*least_side"):
        quality_limits()


@pytest.mark.parametrize("text", ["least_side", "least_side=many", "=,"])
def test_a_threshold_that_is_no_number_is_refused_at_the_start(text):
    with pytest.raises(ValueError, match="name=number"):
        parsers.numbers(text)
