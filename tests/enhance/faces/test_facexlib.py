"""The classes of facexlib, with random weights: read as facexlib itself reads them."""

from types import SimpleNamespace

import numpy as np
import pytest

from enhance.nets import torchvision_shim
from enhance.nets.face_networks import build_parsenet
from enhance.pipeline.faces import retina
from enhance.pipeline.faces.batch import parse_batch
from enhance.pipeline.faces.masks import FACE_PARTS, blurred, mask_of_parts


@pytest.fixture
def seeded():
    import torch

    torch.set_num_threads(1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        yield torch


def test_the_surest_face_of_retinaface_is_that_of_facexlib(seeded, monkeypatch):
    torchvision_shim.install()
    from facexlib.detection.retinaface import RetinaFace

    network = RetinaFace(network_name="mobile0.25", device=seeded.device("cpu")).eval()
    picture = np.random.default_rng(1).integers(0, 256, (96, 160, 3), np.uint8)
    with seeded.no_grad():
        (box, *_) = network.detect_faces(np.ascontiguousarray(picture[..., ::-1]), 0.0)
    monkeypatch.setattr(retina, "SCORE", 0.0)
    first = next(retina.RetinaDetector(SimpleNamespace(network=network)).detect(picture))
    np.testing.assert_allclose([*first.box, first.score], box[:5], rtol=1e-4, atol=1e-2)
    np.testing.assert_allclose(first.landmarks.ravel(), box[5:], rtol=1e-4, atol=1e-2)


def test_a_network_that_believes_in_everything_stays_within_bounds(monkeypatch):
    everything = np.tile(np.array([0.0, 0.0, 30.0, 30.0]), (50_000, 1))
    everything += np.arange(50_000)[:, None] * 40.0
    answers = everything, np.ones(50_000), np.tile(everything, (1, 3))[:, :10]
    monkeypatch.setattr(retina.RetinaDetector, "_run", lambda self, picture: answers)
    network = SimpleNamespace(parameters=lambda: iter([SimpleNamespace(device="cpu")]))
    detector = retina.RetinaDetector(SimpleNamespace(network=network))
    assert len(list(detector.detect(np.zeros((9, 9, 3), np.uint8)))) == retina.MAX_CANDIDATES


def test_parsenet_gives_one_soft_mask_for_each_face(seeded):
    network = build_parsenet(base_ch=8, ch_range=[8, 16], res_depth=1).eval()
    faces = list(np.random.default_rng(2).integers(0, 256, (2, 512, 512, 3), np.uint8))
    masks = parse_batch(SimpleNamespace(network=network, device="cpu", dtype="float32"), faces)
    assert [(mask.shape, mask.dtype) for mask in masks] == [((512, 512), np.float32)] * 2
    assert all(0 <= mask.min() <= mask.max() <= 1 for mask in masks)
    assert not np.array_equal(*masks)


def test_the_mask_holds_the_parts_that_are_the_likeliest(seeded):
    scores = seeded.rand(1, 19, 512, 512)
    expected = seeded.isin(scores.argmax(dim=1), seeded.tensor(FACE_PARTS)).float()
    assert seeded.equal(mask_of_parts(scores), blurred(expected))
