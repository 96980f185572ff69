"""The face path equals GFPGAN's own restorer on the same weights, points and masks."""

import socket

import cv2
import numpy as np

from enhance.pipeline.faces.align import align_face, inverse_of
from enhance.pipeline.faces.paste import paste_face
from enhance.pipeline.faces.restore import restore_faces
from tests.enhance.faces.given import ASTRONAUT, astronaut, face_at
from tests.enhance.faces.parts import EllipseParts
from tests.enhance.faces.reference import SMALL, reference_restorer
from tests.enhance.faces.runtime import RESTORER

# The second face reaches over the border of the picture and is turned.
FACES = (ASTRONAUT, face_at(20, 420, 70, turn=25))
SIZE = (1024, 1024)


def difference(bgr, rgb):
    return np.abs(bgr[..., ::-1].astype(int) - rgb).max()


def test_crops_faces_and_picture_are_those_of_the_reference_within_one_level(
    checkpoint, context, monkeypatch
):
    def refuse(*args, **kwargs):
        raise AssertionError("the face path must not use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    picture = astronaut()
    restorer = reference_restorer(
        checkpoint, [face.landmarks for face in FACES], upscale=2, shape=SMALL,
        parsing=EllipseParts(),
    )  # fmt: skip
    reference = restorer.enhance(np.ascontiguousarray(picture[..., ::-1]))

    crops = [align_face(picture, face) for face in FACES]
    faces = restore_faces(context, crops, restorer=RESTORER, parsing=True)
    background = cv2.resize(picture, SIZE, interpolation=cv2.INTER_LANCZOS4)
    canvas = background.copy()
    for crop, face in zip(crops, faces, strict=True):
        inverse = inverse_of(crop.matrix, source=(512, 512), target=SIZE)
        paste_face(canvas, face.pixels, face.mask, inverse)

    for crop, face, their_crop, their_face in zip(crops, faces, *reference[:2], strict=True):
        assert difference(their_crop, crop.pixels) == 0
        assert difference(their_face, face.pixels) <= 1
        assert face.pixels.std() > 20, "a flat face would prove nothing"
        assert np.abs(face.pixels.astype(int) - crop.pixels).mean() > 20
    assert difference(reference[2], canvas) <= 1
    changed = np.abs(canvas.astype(int) - background).max(axis=2) > 20
    assert changed.mean() > 0.03
