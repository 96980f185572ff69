"""What only a real CUDA device can show. It needs no Django:
`python -m pytest --noconftest -c /dev/null tests/enhance/faces/test_on_cuda.py` runs wherever torch does.
"""

from __future__ import annotations

from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from enhance.nets.mtcnn import Mtcnn
from enhance.pipeline.faces.batch import parse_batch, restore_batch
from tests.enhance.faces.parts import EllipseParts

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]

DEVICE = "cuda:0"


def faces(count):
    return list(np.random.default_rng(4).integers(0, 256, (count, 512, 512, 3), np.uint8))


def on(network, device):
    return SimpleNamespace(network=network.to(device), device=device, dtype="float32")


def test_the_mask_of_a_device_is_that_of_the_processor():
    here, there = (parse_batch(on(EllipseParts(), device), faces(3)) for device in ("cpu", DEVICE))
    assert len(there) == 3
    assert max(np.abs(a - b).max() for a, b in zip(here, there, strict=True)) < 1e-4


def test_the_detector_of_a_device_finds_what_the_processor_finds():
    torch.manual_seed(1)
    network, windows = Mtcnn().eval(), torch.rand(7, 3, 48, 48)
    with torch.inference_mode():
        here = network.output(windows)
        there = network.to(DEVICE).output(windows.to(DEVICE))
    for one, other in zip(here, there, strict=True):
        assert float((one - other.cpu()).abs().max()) < 1e-2


@pytest.mark.skipif(find_spec("gfpgan") is None, reason="needs the package gfpgan")
def test_faces_in_buckets_differ_from_single_ones_by_at_most_one_level(tmp_path):
    from enhance.nets.face_networks import build_gfpgan, read_checkpoint
    from tests.enhance.faces.reference import SMALL, write_random_checkpoint

    network = build_gfpgan(**SMALL).eval()
    network.load_state_dict(read_checkpoint(write_random_checkpoint(tmp_path / "r.pth", **SMALL)))
    model, given = on(network, DEVICE), faces(11)
    together = restore_batch(model, given)
    alone = [restore_batch(model, [face])[0] for face in given]
    assert all(face is not None for face in together)
    assert max(np.abs(a.astype(int) - b).max() for a, b in zip(together, alone, strict=True)) <= 1
