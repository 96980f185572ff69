"""Faces in batches: beside strangers, in few sizes, and what happens to a broken one."""

import numpy as np
import pytest

from enhance.pipeline.faces.align import align_face
from enhance.pipeline.faces.batch import restore_batch, sizes_of_calls
from enhance.pipeline.faces.masks import elliptical_mask
from enhance.pipeline.faces.restore import restore_faces
from project.inference.device_lease import Rank
from project.inference.errors import Cancelled
from project.inference.run import LocalRun
from tests.enhance.faces.given import ASTRONAUT, astronaut, face_at
from tests.enhance.faces.parts import EllipseParts
from tests.enhance.faces.runtime import RESTORER, FaceRuntime
from tests.inference.fakes import Threads, until


def crops(*faces, picture=None):
    return [align_face(astronaut() if picture is None else picture, face) for face in faces]


def run_of(runtime, checkpoint=lambda *step: None):
    return LocalRun(
        host=runtime.host, lease=runtime.lease, batcher=runtime.batcher, checkpoint=checkpoint
    )


class Echo:
    """In place of GFPGAN: gives back what it sees, or `broken` where a face is marked in red."""

    def __init__(self, broken=float("nan"), dtype="float32"):
        import torch

        self.weight = torch.ones(1, dtype=getattr(torch, dtype))
        self.broken = broken
        self.seen = []

    def parameters(self):
        return iter([self.weight])

    def float(self):
        """In full precision nothing breaks."""
        exact = Echo()
        exact.broken = None
        return exact

    def __deepcopy__(self, memo):
        return self

    def __call__(self, faces, *, return_rgb, randomize_noise):
        import torch

        assert (return_rgb, randomize_noise) == (False, False)
        self.seen.append(len(faces))
        marked = (faces[:, 0, 0, 0] > 0.9) & (faces[:, 1, 0, 0] < 0)
        if self.broken is None:
            return (faces,)
        return (torch.where(marked[:, None, None, None], self.broken, faces),)


class Hosted:
    """A model as the batch sees it."""

    def __init__(self, network, *, dtype="float32", device="cpu"):
        self.network, self.dtype, self.device = network, dtype, device


def plain(value=90):
    return np.full((512, 512, 3), value, np.uint8)


def marked():
    face = plain()
    face[0, 0] = 255, 0, 0
    return face


def test_a_face_has_the_same_bytes_alone_and_beside_strangers(faces_runtime, context):
    mine = crops(ASTRONAUT)
    (alone,) = restore_faces(context, mine, restorer=RESTORER)
    strangers = crops(*(face_at(60 * n + 90, 300, 80, turn=9 * n) for n in range(3)))
    threads, results = Threads(), {}

    def ask(name, faces):
        with run_of(faces_runtime) as run:
            results[name] = restore_faces(run, faces, restorer=RESTORER)

    with faces_runtime.lease.hold(Rank()):
        threads.start(lambda: ask("strangers", strangers))
        threads.start(lambda: ask("mine", mine))
        until(lambda: faces_runtime.batcher.waiting("interactive") == 4)
    threads.join()
    assert np.array_equal(results["mine"][0].pixels, alone.pixels)
    assert len({face.pixels.tobytes() for face in [alone, *results["strangers"]]}) == 4


def test_the_same_face_twice_gives_the_same_bytes(context):
    one, two = restore_faces(context, crops(ASTRONAUT, ASTRONAUT), restorer=RESTORER)
    assert np.array_equal(one.pixels, two.pixels)


def test_sixteen_bits_come_back_as_sixteen_bits(context):
    deep = crops(ASTRONAUT, picture=astronaut().astype(np.uint16) * 257)
    ((eight,), (sixteen,)) = (
        restore_faces(context, given, restorer=RESTORER) for given in (crops(ASTRONAUT), deep)
    )
    assert sixteen.pixels.dtype == np.uint16
    assert np.abs(sixteen.pixels / 257 - eight.pixels).mean() < 1
    assert len(np.unique(sixteen.pixels)) > 1000


def test_every_finished_face_is_told_and_a_cancel_ends_the_rest():
    runtime, given = FaceRuntime(Echo(), EllipseParts()), crops(*[ASTRONAUT] * 3)
    told = []
    with run_of(runtime) as run:
        restore_faces(run, given, restorer=RESTORER, finished=told.append)
    assert told == [1, 2, 3]

    def cancel(count):
        raise Cancelled

    with run_of(runtime) as run, pytest.raises(Cancelled):
        restore_faces(run, given, restorer=RESTORER, finished=cancel)
    assert runtime.batcher.waiting("interactive") == 0


def test_no_face_asks_no_network(faces_runtime, context):
    assert restore_faces(context, [], restorer=RESTORER, parsing=True) == []
    assert faces_runtime.calls == []


def test_the_mask_is_that_of_the_parts_or_the_ellipse(context):
    with_parts, without = (
        restore_faces(context, crops(ASTRONAUT), restorer=RESTORER, parsing=parsing)[0].mask
        for parsing in (True, False)
    )
    assert np.array_equal(without, elliptical_mask())
    assert not np.array_equal(with_parts, without)
    assert (with_parts[292, 256], with_parts[0, 0]) == (1, 0)


def test_one_broken_face_fails_alone():
    runtime = FaceRuntime(Echo(), EllipseParts())
    given = crops(ASTRONAUT, ASTRONAUT, ASTRONAUT)
    given[1].pixels[:] = marked()
    with run_of(runtime) as run:
        faces = restore_faces(run, given, restorer=RESTORER, parsing=True)
    assert [face.status for face in faces] == ["restored", "failed", "restored"]
    assert faces[1].pixels is None
    assert faces[1].mask is None
    assert np.array_equal(faces[2].pixels, given[2].pixels)


@pytest.mark.parametrize("broken", [float("nan"), float("inf"), -1.0], ids=["nan", "inf", "black"])
def test_what_breaks_in_half_precision_is_computed_again_in_full(broken):
    half = Hosted(Echo(broken, "bfloat16"), dtype="bfloat16")
    first, second = restore_batch(half, [plain(), marked()])
    assert np.abs(first.astype(int) - 90).max() <= 1
    assert np.array_equal(second, marked())
    assert restore_batch(Hosted(Echo(broken)), [plain(), marked()])[1] is None


def test_a_dark_face_may_become_black():
    (face,) = restore_batch(Hosted(Echo()), [plain(2)])
    assert face.max() == 2


def test_a_gpu_sees_few_batch_sizes_and_all_faces_once():
    network = Echo()
    faces = [plain(value) for value in range(10, 21)]
    restored = restore_batch(Hosted(network, device="cuda:0"), faces)
    assert [int(face[0, 0, 0]) for face in restored] == list(range(10, 21))
    assert network.seen == [8, 4]


@pytest.mark.parametrize(
    ("count", "calls"),
    [(0, []), (1, [1]), (3, [3]), (5, [4, 1]), (7, [7]), (9, [8, 1]), (13, [13]), (16, [16])],
)
def test_a_bucket_that_is_nearly_full_is_padded(count, calls):
    assert list(sizes_of_calls(count, "cuda:0")) == calls
    assert list(sizes_of_calls(count, "cpu")) == [1] * count
