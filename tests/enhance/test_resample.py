"""The last step to the exact size."""

import numpy as np
import pytest
from PIL import Image

from enhance.pipeline import resample
from enhance.pipeline.resample import resize, resize_alpha
from tests.enhance.pictures import pixels


@pytest.mark.parametrize("size", [(50, 37), (100, 75), (133, 90), (321, 211), (1, 1), (200, 150)])
def test_the_size_is_exact(size, tmp_path):
    result = resize(pixels(200, 150), width=size[0], height=size[1], scratch_dir=tmp_path)
    assert result.shape == (size[1], size[0], 3)


def test_the_right_size_is_left_untouched(tmp_path):
    picture = pixels(20, 10)
    assert resize(picture, width=20, height=10, scratch_dir=tmp_path) is picture


def test_a_whole_reduction_is_the_mean_of_each_block(tmp_path):
    picture = pixels(40, 20)
    result = resize(picture, width=10, height=5, scratch_dir=tmp_path)
    means = picture.reshape(5, 4, 10, 4, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(result - means).max() <= 0.51


@pytest.mark.parametrize("size", [(100, 64), (150, 333), (333, 150), (90, 512)])
def test_strips_equal_the_picture_resized_at_once(size, tmp_path, monkeypatch):
    picture = pixels(200, 256)
    at_once = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
    if (200 % size[0], 256 % size[1]) == (0, 0):
        at_once = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))
    monkeypatch.setattr(resample, "STRIP_PIXELS", 2000)
    result = resize(picture, width=size[0], height=size[1], scratch_dir=tmp_path)
    assert np.abs(result.astype(int) - at_once.astype(int)).max() <= 1


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_constant_alpha_stays_exactly_what_it_is(value, tmp_path):
    alpha = np.full((9, 7), value, np.uint8)
    result = resize_alpha(alpha, width=21, height=27, scratch_dir=tmp_path)
    assert result.shape == (27, 21)
    assert set(np.unique(result)) == {value}


def test_a_varying_alpha_is_resized(tmp_path):
    alpha = np.zeros((8, 8), np.uint8)
    alpha[:, 4:] = 255
    result = resize_alpha(alpha, width=32, height=32, scratch_dir=tmp_path)
    assert (result[:, 0].max(), result[:, -1].min()) == (0, 255)


@pytest.mark.parametrize("size", [(50, 37), (133, 90), (321, 211), (100, 75)])
def test_sixteen_bits_are_resized_like_eight_and_keep_their_levels(size, tmp_path, monkeypatch):
    shallow = pixels(200, 150)
    deep = shallow.astype(np.uint16) * 257
    monkeypatch.setattr(resample, "STRIP_PIXELS", 4000)
    options = {"width": size[0], "height": size[1], "scratch_dir": tmp_path}
    expected = resize(shallow, **options).astype(int) * 257
    found = resize(deep, **options)
    assert found.dtype == np.uint16
    # Pillow rounds eight bits after each axis.
    assert np.abs(found - expected).max() <= 2 * 257
    assert len(np.unique(found)) > len(np.unique(expected))


def test_an_overshoot_of_the_filter_ends_at_white_and_black(tmp_path):
    edge = np.zeros((20, 20, 3), np.uint16)
    edge[:, 10:] = 65_535
    found = resize(edge, width=50, height=50, scratch_dir=tmp_path)
    assert (found.min(), found.max()) == (0, 65_535)
    assert found[:, :15].max() < 5000, "an overshoot must not wrap around"


def test_a_deep_alpha_keeps_its_depth(tmp_path):
    alpha = np.linspace(0, 65_535, 64).astype(np.uint16).reshape(8, 8)
    found = resize_alpha(alpha, width=32, height=32, scratch_dir=tmp_path)
    assert found.dtype == np.uint16
    assert len(np.unique(found)) > 256
    constant = resize_alpha(alpha * 0 + 4711, width=9, height=9, scratch_dir=tmp_path)
    assert (constant.dtype, set(np.unique(constant))) == (np.uint16, {4711})
