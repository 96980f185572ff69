"""Out of memory: every rung is tried in order, the size that fits is remembered, then grows back."""

from __future__ import annotations

import pytest
import torch

from project.inference import oom
from project.inference.errors import OutOfMemory
from project.inference.oom import Ladder, Rung, Size, SizeMemory, is_out_of_memory

WANTED = Size(tile=256, batch=4, dtype="float32")


class Device:
    """Runs an attempt when its tile, batch and format fit."""

    def __init__(self, *, tile=10_000, batch=100, dtypes=("float32", "bfloat16"), evicts=1):
        self.tile, self.batch, self.dtypes, self.idle = tile, batch, dtypes, evicts
        self.attempts = []
        self.freed = 0

    def run(self, attempt):
        size = attempt.size
        self.attempts.append((attempt.rung, size.tile, size.batch, size.dtype))
        if size.tile > self.tile or size.batch > self.batch or size.dtype not in self.dtypes:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")

    def evict(self):
        evicted, self.idle = self.idle, 0
        return evicted

    def free(self):
        self.freed += 1


def climb(device, memory=None, *, wanted=WANTED, lower=()):
    ladder = Ladder(
        memory=memory or SizeMemory(), key="k", wanted=wanted, lower=lower,
        evict=device.evict, free=device.free,
    )  # fmt: skip
    sizes = []
    for attempt in ladder:
        with attempt:
            device.run(attempt)
            sizes.append(attempt.size)
    return sizes


def test_a_size_that_fits_is_one_attempt():
    device = Device()
    assert climb(device) == [WANTED]
    assert device.attempts == [(Rung.FIRST, 256, 4, "float32")]
    assert device.freed == 0


def test_every_rung_of_the_ladder_is_reached_in_order():
    device = Device(dtypes=("bfloat16",))
    assert climb(device, lower=("bfloat16",)) == [Size(tile=64, batch=1, dtype="bfloat16")]
    assert device.attempts == [
        (Rung.FIRST, 256, 4, "float32"),
        (Rung.RETRY, 256, 4, "float32"),
        (Rung.HALVE_BATCH, 256, 2, "float32"),
        (Rung.HALVE_BATCH, 256, 1, "float32"),
        (Rung.HALVE_TILE, 128, 1, "float32"),
        (Rung.HALVE_TILE, 64, 1, "float32"),
        (Rung.EVICT, 64, 1, "float32"),
        (Rung.LOWER_PRECISION, 64, 1, "bfloat16"),
    ]
    assert device.freed == 7


def test_the_last_rung_fails_with_the_sizes_tried():
    device = Device(tile=10)
    with pytest.raises(OutOfMemory) as caught:
        climb(device, wanted=Size(tile=100, batch=2))
    assert caught.value.code == "out_of_memory"
    assert caught.value.detail == (
        "tried tile 100, batch 2, float32; tile 100, batch 1, float32; tile 64, batch 1, float32"
    )


def test_without_idle_models_the_eviction_rung_is_skipped():
    device = Device(tile=10, evicts=0)
    with pytest.raises(OutOfMemory):
        climb(device)
    assert Rung.EVICT not in [rung for rung, *_ in device.attempts]


def test_a_tile_at_the_floor_is_not_halved():
    device = Device(tile=10, evicts=0)
    with pytest.raises(OutOfMemory):
        climb(device, wanted=Size(tile=64))
    assert [rung for rung, *_ in device.attempts] == [Rung.FIRST, Rung.RETRY]


def test_another_error_is_not_swallowed():
    ladder = Ladder(memory=SizeMemory(), key="k", wanted=WANTED)
    with pytest.raises(KeyError):
        for attempt in ladder:
            with attempt:
                raise KeyError("not memory")


def test_the_smaller_size_is_remembered_then_recovers_a_notch_at_a_time():
    memory, device = SizeMemory(recover_after=100), Device(tile=64, batch=1)
    assert climb(device, memory) == [Size(tile=64)]
    device.attempts.clear()
    assert climb(device, memory) == [Size(tile=64)]
    assert [rung for rung, *_ in device.attempts] == [Rung.FIRST]
    big = Device()
    runs = [climb(big, memory)[0] for _ in range(99 + 4 * 100)]
    changes = [size for index, size in enumerate(runs) if index == 0 or runs[index - 1] != size]
    assert changes == [
        Size(tile=64, batch=1), Size(tile=128, batch=1), Size(tile=256, batch=1),
        Size(tile=256, batch=2), Size(tile=256, batch=4),
    ]  # fmt: skip
    assert runs.count(Size(tile=128, batch=1)) == 100


def test_a_lower_precision_recovers_first():
    memory = SizeMemory(recover_after=1)
    climb(Device(dtypes=("bfloat16",)), memory, lower=("bfloat16",))
    big = Device()
    assert [climb(big, memory)[0].dtype for _ in range(2)] == ["bfloat16", "float32"]


def test_a_recovery_that_does_not_fit_steps_back():
    memory, device = SizeMemory(recover_after=2), Device(tile=128, batch=1)
    seen = [climb(device, memory)[0] for _ in range(6)]
    assert seen == [Size(tile=128)] * 6
    assert Rung.HALVE_TILE in [rung for rung, *_ in device.attempts[7:]]


def test_keys_do_not_share_sizes():
    memory = SizeMemory()
    climb(Device(tile=64), memory)
    assert memory.start("other", WANTED) == WANTED


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.cuda.OutOfMemoryError("x"), True),
        (MemoryError(), True),
        (OutOfMemory("ours"), True),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
            True,
        ),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"), True),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_errors_of_torch_are_told_apart(error, expected):
    assert is_out_of_memory(error) is expected


def test_a_real_allocation_that_cannot_be_had_is_recognised():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 58, dtype=torch.uint8)
    assert is_out_of_memory(caught.value)


def test_cached_device_memory_is_given_back(monkeypatch):
    emptied = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: emptied.append(True))
    oom.free_cached_memory()
    assert emptied == [True]
