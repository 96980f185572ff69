"""Composites are made of many films; none of them is recognisable."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from xray.pipeline.preprocess import frame
from xray.sample import NORMAL, OPACITY, SAMPLES
from xray.training.composites import (
    LARGEST_CORRELATION,
    PX,
    basis_of,
    composite,
    nearest,
    shown,
    with_opacity,
)
from xray.training.packs import open_pack


def films(count: int = 12) -> np.ndarray:
    """Random smooth pictures: (count, PX * PX) in 0 to 1."""
    random = np.random.default_rng(3)
    small = random.random((count, 14, 14)).astype(np.float32)
    return np.stack(
        [np.asarray(Image.fromarray(one).resize((PX, PX))).ravel() for one in small]
    ).astype(np.float64)


def test_components_rebuild_the_films_they_came_from():
    given = films()
    basis = basis_of(given, components=len(given) - 1)
    centred = given - basis.mean
    coefficients, *_ = np.linalg.lstsq(basis.components.T, centred.T, rcond=None)
    np.testing.assert_allclose(coefficients.T @ basis.components, centred, atol=1e-8)


def test_a_seed_names_one_composite():
    basis = basis_of(films(), components=6)
    np.testing.assert_array_equal(composite(basis, seed=1), composite(basis, seed=1))
    assert np.abs(composite(basis, seed=1) - composite(basis, seed=2)).max() > 0.05


def test_the_nearest_film_of_a_copy_is_found():
    given = films()
    copied = given[7].reshape(PX, PX).astype(np.float32)
    assert nearest(copied, given) == pytest.approx(1, abs=1e-5)
    assert nearest(1 - copied, given) < LARGEST_CORRELATION


def test_the_opacity_lies_in_the_right_lower_zone_on_the_left_of_the_picture():
    clear = np.full((PX, PX), 0.2, np.float32)
    added = with_opacity(clear) - clear
    y, x = np.unravel_index(added.argmax(), added.shape)
    assert x < PX / 2 < y
    assert added[:, PX * 3 // 4 :].max() < 0.01


def test_a_composite_is_kept_as_a_grey_picture():
    picture = shown(np.linspace(0, 1, PX * PX, dtype=np.float32).reshape(PX, PX))
    assert picture.mode == "L"
    assert picture.size == (448, 448)


def test_the_committed_samples_name_the_seed_the_films_and_the_nearest_film():
    told = json.loads((SAMPLES / "samples.json").read_text("utf-8"))
    assert set(told["nearest_training_film"]) == {NORMAL, OPACITY}
    assert max(told["nearest_training_film"].values()) < LARGEST_CORRELATION
    assert "composite" in (SAMPLES / "ATTRIBUTION.md").read_text("utf-8").lower()


@pytest.mark.slow
@pytest.mark.parametrize("name", [NORMAL, OPACITY])
def test_no_training_film_is_recognisable_in_a_committed_sample(name):
    data = os.environ.get("OMNILENS_XRAY_DATA")
    if not data or not Path(data).exists():
        pytest.skip("needs the training films: set OMNILENS_XRAY_DATA to their pack")
    pack = open_pack(Path(data))
    with Image.open(SAMPLES / name) as picture:
        sample = frame(np.asarray(picture, dtype=np.float32) / 255, PX).pixels
    rows = [row for row in pack.rows if not row.duplicate]
    nearest_one = max(
        nearest(sample, np.stack([frame(pack.film(row), PX).pixels.ravel() for row in part]))
        for part in (rows[start : start + 256] for start in range(0, len(rows), 256))
    )
    assert nearest_one < LARGEST_CORRELATION
