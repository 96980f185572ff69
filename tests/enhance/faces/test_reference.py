"""The face path equals GFPGAN's own restorer on the same weights, points and masks."""

import socket

import numpy as np
import pytest

from enhance.pipeline.faces.align import align_face, inverse_of
from enhance.pipeline.faces.paste import paste_face
from enhance.pipeline.faces.restore import restore_faces
from tests.enhance.faces.given import ASTRONAUT, astronaut, face_at
from tests.enhance.faces.reference import SMALL, reference_restorer
from tests.enhance.faces.runtime import RESTORER, EllipseParsing

# The second face reaches over the border of the picture and is turned.
FACES = (ASTRONAUT, face_at(20, 420, 70, turn=25))
SCALE = 2


@pytest.fixture(scope="module")
def both(checkpoint, network):
    """Crops, faces and picture of the reference and of ours, with sockets blocked."""
    import cv2

    from project.inference.run import LocalRun
    from tests.enhance.faces.runtime import FaceRuntime

    with pytest.MonkeyPatch.context() as patch:

        def refuse(*args, **kwargs):
            raise AssertionError("the face path must not use the network")

        patch.setattr(socket.socket, "connect", refuse)
        picture = astronaut()
        reference = reference_restorer(
            checkpoint, [face.landmarks for face in FACES], upscale=SCALE, shape=SMALL,
            parsing=EllipseParsing(),
        )  # fmt: skip
        theirs = reference.enhance(np.ascontiguousarray(picture[..., ::-1]))
        runtime = FaceRuntime(network, EllipseParsing())
        size = (picture.shape[1] * SCALE, picture.shape[0] * SCALE)
        with LocalRun(
            host=runtime.host, lease=runtime.lease, batcher=runtime.batcher,
            checkpoint=lambda *step: None,
        ) as context:  # fmt: skip
            crops = [align_face(picture, face) for face in FACES]
            faces = restore_faces(context, crops, restorer=RESTORER, parsing=True)
            canvas = cv2.resize(picture, size, interpolation=cv2.INTER_LANCZOS4)
            background = canvas.copy()
            for crop, face in zip(crops, faces, strict=True):
                inverse = inverse_of(crop.matrix, source=(512, 512), target=size)
                paste_face(canvas, face.pixels, face.mask, inverse)
    ours = ([crop.pixels for crop in crops], [face.pixels for face in faces], canvas)
    return theirs, ours, background


def difference(bgr, rgb):
    return np.abs(bgr[..., ::-1].astype(int) - rgb)


def test_the_crops_are_those_of_the_reference(both):
    theirs, ours, _ = both
    assert [difference(a, b).max() for a, b in zip(theirs[0], ours[0], strict=True)] == [0, 0]


def test_the_restored_faces_differ_by_at_most_one_level(both):
    theirs, ours, _ = both
    for reference, face, crop in zip(theirs[1], ours[1], ours[0], strict=True):
        assert difference(reference, face).max() <= 1
        assert face.std() > 20, "a flat face would prove nothing"
        assert np.abs(face.astype(int) - crop).mean() > 20


def test_the_picture_differs_by_at_most_one_level(both):
    theirs, ours, background = both
    assert difference(theirs[2], ours[2]).max() <= 1
    assert (np.abs(ours[2].astype(int) - background).max(axis=2) > 20).mean() > 0.03
