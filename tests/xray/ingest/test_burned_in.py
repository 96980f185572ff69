"""Letters at the border warn; markers, ribs and edges do not; letters inside are not looked for."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.xray import canaries
from xray.ingest.burned_in import has_border_text


def written(text: str, at: tuple[int, int], *, side: int = 1024, size: int = 22, tone: int = 255):
    image = Image.fromarray(canaries.film(side, side))
    ImageDraw.Draw(image).text(at, text, font=ImageFont.load_default(size), fill=tone)
    return np.asarray(image, np.float32) / 255


@pytest.mark.parametrize("at", [(20, 12), (560, 12), (20, 960), (560, 960)])
@pytest.mark.parametrize("size", [18, 24, 32])
def test_a_name_in_any_corner_is_noticed(at, size):
    tone = 0 if at[1] < 500 else 255
    assert has_border_text(written("DOE JANE 12.03.1975", at, size=size, tone=tone))


@pytest.mark.parametrize("side", [512, 1024, 2600])
def test_a_name_is_noticed_in_films_of_any_size(side):
    assert has_border_text(written("DOE JANE 1975", (20, 12), side=side, size=side // 40, tone=0))


@pytest.mark.parametrize("text", ["R", "L", ""])
def test_a_side_marker_is_no_text(text):
    assert not has_border_text(written(text, (60, 60), size=64))


@pytest.mark.parametrize("size", [(224, 224), (320, 288), (2048, 2500)])
def test_a_plain_film_does_not_warn(size):
    assert not has_border_text(canaries.film(*size).astype(np.float32) / 255)


def test_noise_and_collimated_edges_do_not_warn():
    framed = np.pad(canaries.film(800, 800), 60).astype(np.float32) / 255
    assert not has_border_text(framed)
    grain = np.random.default_rng(1).normal(0, 0.03, framed.shape).astype(np.float32)
    assert not has_border_text(np.clip(framed + grain, 0, 1))


def test_the_door_warns_of_both_kinds_of_file(take):
    pixels = (written("DOE JANE 12.03.1975", (20, 12), tone=0) * 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    for content in (buffer.getvalue(), canaries.dicom(pixels)):
        assert "burned_in_annotation" in take(content).warnings
