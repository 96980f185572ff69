"""Which faces are restored."""

import pytest

from enhance.pipeline.faces.choose import choose_faces
from tests.enhance.faces.given import face_at

FACES = (face_at(100, 100, 40), face_at(300, 220, 60), face_at(500, 100, 90))


def chosen(choice, **limits):
    return choose_faces(FACES, choice, width=640, height=480, **limits)


@pytest.mark.parametrize(
    ("choice", "places"),
    [
        ("all", {0, 1, 2}), ("none", set()), ("centre", {1}), ("largest", {2}),
        ([0, 2], {0, 2}), ([7], set()), ((), set()),
    ],
)  # fmt: skip
def test_each_choice_names_its_faces(choice, places):
    assert chosen(choice) == places


def test_faces_under_the_wanted_size_are_never_chosen():
    assert chosen("all", min_face=50) == {1, 2}
    assert chosen("largest", min_face=91) == set()
    assert chosen([0], min_face=50) == set()


def test_a_choice_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="smallest"):
        chosen("smallest")
