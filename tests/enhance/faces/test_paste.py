"""Where a face goes, what stays untouched, and what fidelity means."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from enhance.pipeline.faces.align import inverse_of, matrix_of
from enhance.pipeline.faces.masks import blurred, elliptical_mask
from enhance.pipeline.faces.paste import paste_aligned, paste_face
from tests.enhance.faces.given import face_at


def noise(height, width, seed=1, dtype=np.uint8):
    return np.random.default_rng(seed).integers(
        0, np.iinfo(dtype).max + 1, (height, width, 3), dtype
    )


def back_to(width, height, face, source=(800, 600)):
    return inverse_of(matrix_of(face), source=source, target=(width, height))


def full_canvas(canvas, face, mask, inverse):
    """As GFPGAN's helper does it: everything over the whole canvas, then cut to whole values."""
    size = canvas.shape[1::-1]
    warped = cv2.warpAffine(face, inverse, size)
    weight = cv2.warpAffine(mask.astype(np.float64), inverse, size, flags=3)[..., None]
    return (weight * warped + (1 - weight) * canvas).astype(canvas.dtype)


@pytest.mark.parametrize(
    "face",
    [
        face_at(400, 300, 120), face_at(300, 200, 60, turn=35), face_at(400, 300, 90, turn=180),
        face_at(10, 20, 150), face_at(790, 590, 200, turn=-20), face_at(400, 300, 700),
    ],
)  # fmt: skip
def test_a_paste_equals_one_over_the_whole_canvas_within_one_level(face):
    canvas, restored, inverse = noise(1200, 1600), noise(512, 512, 2), back_to(1600, 1200, face)
    expected = full_canvas(canvas, restored, elliptical_mask(), inverse)
    before = canvas.copy()
    area = paste_face(canvas, restored, elliptical_mask(), inverse)
    assert np.abs(canvas.astype(int) - expected).max() <= 1
    touched = np.zeros(canvas.shape[:2], bool)
    touched[area.top : area.bottom, area.left : area.right] = True
    assert np.array_equal(canvas[~touched], before[~touched])
    assert (canvas != before).any()


def test_a_face_outside_touches_nothing():
    canvas = noise(120, 160)
    before = canvas.copy()
    inverse = back_to(160, 120, face_at(-9000, 300, 100))
    assert paste_face(canvas, noise(512, 512), elliptical_mask(), inverse) is None
    assert np.array_equal(canvas, before)


def blends(dtype):
    """The same face at rising fidelity, with the background first and the face last."""
    background, restored = noise(600, 800, dtype=dtype), noise(512, 512, 2, dtype)
    inverse = back_to(800, 600, face_at(400, 300, 200, turn=10))
    results = []
    for fidelity in (0.0, 0.25, 0.5, 0.75, 1.0):
        canvas = background.copy()
        paste_face(canvas, restored, elliptical_mask(), inverse, fidelity=fidelity)
        results.append(canvas.astype(int))
    inside = cv2.warpAffine(elliptical_mask(), inverse, (800, 600)) == 1
    face = cv2.warpAffine(restored, inverse, (800, 600)).astype(int)
    return background.astype(int), face, inside, results


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_fidelity_zero_is_the_background_and_one_the_restored_face(dtype):
    background, face, inside, results = blends(dtype)
    assert np.array_equal(results[0], background)
    assert inside.any()
    assert np.abs(results[-1] - face)[inside].max() <= np.iinfo(dtype).max / 255


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_fidelity_is_monotone_in_every_value_and_has_an_effect_at_each_step(dtype):
    _, _, inside, results = blends(dtype)
    direction = np.sign(results[-1] - results[0])
    for lower, higher in pairwise(results):
        assert ((higher - lower) * direction >= 0).all()
        assert np.abs(higher - lower)[inside].mean() > 0.05 * np.iinfo(dtype).max


@pytest.mark.parametrize("fidelity", [-0.1, 1.1, float("nan")])
def test_a_fidelity_outside_zero_to_one_is_refused(fidelity):
    inverse = back_to(160, 120, face_at(400, 300, 100))
    with pytest.raises(ValueError, match="fidelity"):
        paste_face(noise(120, 160), noise(512, 512), elliptical_mask(), inverse, fidelity=fidelity)
    with pytest.raises(ValueError, match="fidelity"):
        paste_aligned(noise(120, 160), noise(512, 512), fidelity=fidelity)


def test_the_end_of_the_range_does_not_overflow():
    canvas, white = np.full((300, 400, 3), 255, np.uint8), np.full((512, 512, 3), 255, np.uint8)
    paste_face(canvas, white, elliptical_mask(), back_to(400, 300, face_at(400, 300, 200)))
    assert (canvas == 255).all()


def test_a_canvas_that_is_mapped_from_a_file_is_written(tmp_path):
    canvas = np.memmap(tmp_path / "canvas", np.uint8, "w+", shape=(600, 800, 3))
    inverse = back_to(800, 600, face_at(400, 300, 200))
    plain = np.zeros((600, 800, 3), np.uint8)
    for target in (canvas, plain):
        paste_face(target, noise(512, 512), elliptical_mask(), inverse)
    assert np.array_equal(canvas, plain)
    assert plain.any()


def test_an_aligned_picture_becomes_its_restored_face():
    canvas, restored = noise(512, 512), noise(512, 512, 2)
    half = canvas.copy()
    paste_aligned(half, restored, fidelity=0.5)
    assert np.abs(half - (canvas.astype(float) + restored) / 2).max() <= 1
    paste_aligned(canvas, restored)
    assert np.array_equal(canvas, restored)


def test_a_mask_is_soft_ends_before_the_border_and_is_whole_inside():
    import torch

    whole = blurred(torch.ones(1, 512, 512))[0].numpy()
    border = np.ones((512, 512), bool)
    border[10:-10, 10:-10] = False
    for mask in (whole, elliptical_mask()):
        assert (mask[border] == 0).all()
        assert mask[300, 256] == 1
        assert (mask.min(), mask.dtype) == (0, np.float32)
        assert mask.max() <= 1
    for axis in (0, 1):
        steps = np.abs(np.diff(elliptical_mask(), axis=axis)).max()
        assert steps < 0.05, "a hard edge would show"


def test_a_mask_is_blurred_as_the_reference_blurs_it():
    import torch

    hard = (cv2.resize(np.random.default_rng(0).random((8, 8)), (512, 512)) > 0.5) * 1.0
    reference = cv2.GaussianBlur(cv2.GaussianBlur(hard, (101, 101), 11), (101, 101), 11)
    mask = blurred(torch.from_numpy(hard.astype(np.float32))[None])[0].numpy()
    assert np.abs(mask - reference)[10:-10, 10:-10].max() < 1e-4
