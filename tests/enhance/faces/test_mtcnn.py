"""MTCNN with its real weights on real pictures."""

import socket

import numpy as np
import pytest

from enhance.nets.face_catalogue import MTCNN
from enhance.pipeline.faces.detect import detect_faces
from project.inference.device_lease import DeviceLease
from project.inference.devices import Format, Placement
from project.inference.errors import Cancelled
from project.inference.memory_budget import MemoryBudget
from project.inference.model_host import ModelHost
from project.inference.run import LocalRun
from project.inference.weight_store import configured_store
from tests.enhance.faces.given import ASTRONAUT, astronaut

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def host():
    import torch

    torch.set_num_threads(1)
    store = configured_store()
    if not store.status(MTCNN).present:
        pytest.skip("no weights of mtcnn: run 'manage.py models pull --embedded'")
    return ModelHost(
        store=store,
        place=lambda spec: Placement(device="cpu", format=Format()),
        budget=MemoryBudget(1 << 30),
    )


@pytest.fixture
def detect(host, monkeypatch):
    """Detection with sockets blocked; `checkpoint` may end it."""

    def refuse(*args, **kwargs):
        raise AssertionError("detection must not use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    def run(picture, checkpoint=lambda *args: None):
        with LocalRun(host=host, lease=DeviceLease(), checkpoint=checkpoint) as context:
            return detect_faces(context, picture)

    return run


def assert_is_the_astronaut(face, picture_side=512):
    scale = picture_side / 512
    np.testing.assert_allclose(face.landmarks / scale, ASTRONAUT.landmarks, atol=3)
    assert face.score > 0.99
    assert face.box.overlap(ASTRONAUT.scaled(scale).box) > 0.8 * face.box.area


def test_the_astronaut_has_one_face_with_its_five_points(detect):
    detection = detect(astronaut())
    (face,) = detection.faces
    assert_is_the_astronaut(face)
    assert (detection.detector, detection.warnings) == (MTCNN, ())


def test_a_picture_of_nine_megapixels_gives_points_in_its_own_pixels(detect):
    (face,) = detect(np.kron(astronaut(), np.ones((6, 6, 1), np.uint8))).faces
    assert_is_the_astronaut(face, 3072)


def test_a_face_cut_by_the_border_is_found(detect):
    (face,) = detect(np.ascontiguousarray(astronaut()[:, 186:])).faces
    np.testing.assert_allclose(face.landmarks + np.array([186, 0]), ASTRONAUT.landmarks, atol=6)


def test_twelve_faces_in_one_picture_are_twelve(detect):
    assert len(detect(np.tile(astronaut(), (3, 4, 1))).faces) == 12


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 900), (40, 40)])
def test_noise_and_slivers_hold_no_face(detect, shape):
    noise = np.random.default_rng(5).integers(0, 256, (*shape, 3), np.uint8)
    assert detect(noise).faces == ()


def test_a_cancel_is_heard_between_two_networks(detect):
    calls = []

    def cancel(*step):
        calls.append(step)
        if len(calls) > 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        detect(astronaut(), cancel)
