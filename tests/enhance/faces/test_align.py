"""A face on the template, and the way back."""

import cv2
import numpy as np
import pytest

from enhance.pipeline.faces.align import (
    FFHQ_512,
    align_face,
    already_aligned,
    inverse_of,
    matrix_of,
)
from tests.enhance.faces.given import ASTRONAUT, astronaut, face_at


@pytest.mark.parametrize("turn", [0, 30, 90, 180, 270])
def test_the_points_of_a_turned_face_land_on_the_template(turn):
    matrix = matrix_of(face_at(400, 300, 120, turn=turn))
    points = face_at(400, 300, 120, turn=turn).landmarks
    np.testing.assert_allclose(points @ matrix[:, :2].T + matrix[:, 2], FFHQ_512, atol=0.01)


def test_a_face_turned_by_ninety_degrees_gives_the_crop_of_the_upright_one():
    picture = astronaut()
    turned = np.ascontiguousarray(np.rot90(picture))
    points = tuple((y, 511.0 - x) for x, y in ASTRONAUT.points)
    upright = align_face(picture, ASTRONAUT).pixels.astype(int)
    crop = align_face(turned, type(ASTRONAUT)(box=ASTRONAUT.box, points=points, score=1.0)).pixels
    assert np.abs(crop - upright).max() <= 4


def test_what_lies_outside_the_picture_is_grey():
    crop = align_face(np.zeros((200, 200, 3), np.uint8), face_at(0, 100, 80)).pixels
    assert crop[256, 10].tolist() == [132, 133, 135]
    assert crop[256, 500].tolist() == [0, 0, 0]


def test_sixteen_bits_stay_sixteen_bits():
    eight = astronaut()
    deep = align_face(eight.astype(np.uint16) * 257, ASTRONAUT).pixels
    assert deep.dtype == np.uint16
    assert np.abs(deep / 257 - align_face(eight, ASTRONAUT).pixels).max() <= 1


def test_a_picture_longer_than_opencv_can_warp_is_read_in_part():
    picture = np.zeros((80, 40_000, 3), np.uint8)
    picture[:, 39_900:] = 200
    crop = align_face(picture, face_at(39_950, 40, 60)).pixels
    assert crop[256, 256].tolist() == [200, 200, 200]


@pytest.mark.parametrize(
    "points", [((50.0, 50.0),) * 5, tuple((9e4 + x, y) for x, y in ASTRONAUT.points)]
)
def test_points_that_fit_nowhere_give_no_crop(points):
    face = type(ASTRONAUT)(box=ASTRONAUT.box, points=points, score=1.0)
    assert align_face(astronaut(), face) is None


def test_the_way_back_leads_into_a_result_of_any_size():
    face = face_at(200, 120, 90, turn=20)
    back = inverse_of(matrix_of(face), source=(512, 512), target=(1024, 768))
    points = FFHQ_512 @ back[:, :2].T + back[:, 2]
    np.testing.assert_allclose(points, face.landmarks * [2, 1.5] + [1, 0.75], atol=0.01)


def test_at_the_same_size_the_way_back_is_the_inverse():
    matrix = matrix_of(ASTRONAUT)
    same = inverse_of(matrix, source=(512, 512), target=(512, 512))
    np.testing.assert_array_equal(same, cv2.invertAffineTransform(matrix))


def test_an_aligned_picture_is_only_brought_to_size():
    face = already_aligned(astronaut()[:256])
    assert face.pixels.shape == (512, 512, 3)
    np.testing.assert_allclose(face.matrix @ (512, 256, 1), (512, 512))
