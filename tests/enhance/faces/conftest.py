"""A worker with GFPGAN in small, from a random checkpoint that went the way of a real one."""

from functools import partial

import pytest

from project.inference.run import LocalRun
from tests.enhance.faces.parts import EllipseParts
from tests.enhance.faces.reference import SMALL, write_random_checkpoint
from tests.enhance.faces.runtime import FaceRuntime


@pytest.fixture(autouse=True)
def face_detector():
    """Here the real ones are looked at."""


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """Random weights of a small GFPGAN, as its authors publish theirs."""
    return write_random_checkpoint(tmp_path_factory.mktemp("gfpgan") / "random.pth", **SMALL)


@pytest.fixture(scope="session")
def network(checkpoint):
    """The same weights, read and built by the product."""
    import torch

    from enhance.nets.face_networks import build_gfpgan, check_keys, read_checkpoint

    torch.set_num_threads(1)
    build = partial(build_gfpgan, **SMALL)
    state = read_checkpoint(checkpoint)
    check_keys(state, build, checkpoint.name)
    network = build()
    network.load_state_dict(state)
    return network.eval().requires_grad_(requires_grad=False)


@pytest.fixture
def faces_runtime(network):
    """What the runs of one worker share; `calls` holds the faces of each call of the network."""
    return FaceRuntime(network, EllipseParts())


@pytest.fixture
def context(faces_runtime):
    """A run without a job."""
    with LocalRun(
        host=faces_runtime.host, lease=faces_runtime.lease, batcher=faces_runtime.batcher,
        checkpoint=lambda *step: None,
    ) as run:  # fmt: skip
        yield run
