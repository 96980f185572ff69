"""What is believed of a detector's answer, and where its points end up."""

import math

import numpy as np
import pytest

from enhance.pipeline.faces.detect import detect_with
from tests.enhance.faces.given import Finds, face_at


def blank(width, height, dtype=np.uint8):
    return np.full((height, width, 3), 90, dtype)


def found(*faces, width=1000, height=800):
    return detect_with(Finds(*faces), blank(width, height))


def sides(detection):
    return [round(face.size) for face in detection.faces]


def test_a_large_picture_is_reduced_and_its_points_are_mapped_back():
    detector = Finds(face_at(320, 240, 100))
    (face,) = detect_with(detector, blank(5120, 3840)).faces
    assert detector.seen[0].shape == (960, 1280, 3)
    expected = (face_at(320, 240, 100).landmarks + 0.5) * 4 - 0.5
    np.testing.assert_allclose(face.landmarks, expected)
    assert face.box == pytest.approx((1080, 760, 1480, 1160))


def test_a_picture_of_1280_pixels_is_shown_as_it_is():
    detector, picture = Finds(), blank(1280, 200)
    detect_with(detector, picture)
    assert np.array_equal(detector.seen[0], picture)


def test_sixteen_bits_are_shown_as_eight():
    detector = Finds()
    detect_with(detector, np.full((40, 40, 3), 0xABCD, np.uint16))
    assert detector.seen[0].dtype == np.uint8
    assert (detector.seen[0] == 0xAB).all()


def test_no_face_is_no_error():
    assert found().faces == ()
    assert found().warnings == ()


def test_faces_under_twenty_pixels_are_left_out():
    assert sides(found(face_at(100, 100, 19), face_at(300, 300, 21))) == [21]


def test_the_minimum_counts_in_pixels_of_the_picture():
    detector = Finds(face_at(100, 100, 12))
    assert len(detect_with(detector, blank(2560, 200)).faces) == 1


def test_eyes_too_close_to_tell_a_direction_are_left_out():
    profile = face_at(100, 100, 60)
    flat = type(profile)(
        box=profile.box, points=(profile.points[0],) * 2 + profile.points[2:], score=0.9
    )
    assert found(flat).faces == ()


def test_of_two_answers_for_one_face_the_surer_stays():
    (face,) = found(face_at(100, 100, 60, score=0.91), face_at(104, 101, 62, score=0.99)).faces
    assert face.score == 0.99


def test_an_eye_that_was_taken_for_a_face_is_left_out_even_if_it_is_surer():
    assert sides(found(face_at(300, 300, 200, score=0.9), face_at(270, 290, 40, score=1.0))) == [
        200
    ]


def test_a_child_in_front_of_a_grown_up_stays():
    assert sides(found(face_at(300, 300, 200), face_at(380, 400, 120))) == [200, 120]


def test_a_face_cut_by_the_border_stays_and_one_outside_goes():
    assert sides(found(face_at(-10, 100, 60), face_at(-100, 100, 60))) == [60]


def test_sixty_faces_all_stay_and_of_more_the_largest_sixty_four_with_a_warning():
    def crowd(count):
        return [face_at(40 + 60 * (i % 20), 40 + 60 * (i // 20), 22 + i / 10) for i in range(count)]

    assert len(found(*crowd(60), width=1280).faces) == 60
    detection = found(*crowd(80), width=1280)
    assert detection.warnings == ("faces_capped",)
    assert sorted(face.size for face in detection.faces) == pytest.approx(
        [22 + i / 10 for i in range(16, 80)]
    )


def test_faces_are_numbered_from_left_to_right():
    faces = found(face_at(500, 90, 40, score=0.8), face_at(90, 500, 90, score=0.7)).faces
    assert [face.box.centre[0] for face in faces] == [90, 500]


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_an_answer_that_is_no_number_is_left_out(broken):
    face = face_at(100, 100, 60)
    assert found(type(face)(box=face.box, points=face.points, score=broken)).faces == ()
    assert found(face_at(broken, 100, 60)).faces == ()
