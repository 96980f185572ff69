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
