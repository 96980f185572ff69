"""What a device says of its memory; CUDA by a stand-in that counts like torch."""

from __future__ import annotations

import pytest
import torch

from project.inference import device_memory
from project.inference.device_memory import peak_of_work, read_memory


class FakeCuda:
    """Allocated bytes, and their peak since the last reset."""

    def __init__(self):
        self.allocated = self.peak = 0

    def allocate(self, size):
        self.allocated += size
        self.peak = max(self.peak, self.allocated)

    def install(self, monkeypatch):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (300, 1000))
        monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: self.allocated)
        monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: self.peak)
        monkeypatch.setattr(torch.cuda, "synchronize", lambda device: None)
        monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", self.reset)

    def reset(self, device):
        self.peak = self.allocated


@pytest.fixture
def cuda(monkeypatch):
    monkeypatch.setattr(device_memory, "_highest", {})
    fake = FakeCuda()
    fake.install(monkeypatch)
    return fake


def test_the_peak_of_work_is_counted_beside_what_was_there_before(cuda):
    cuda.allocate(100)
    with peak_of_work("cuda:0") as peak:
        cuda.allocate(50)
        cuda.allocate(-50)
        cuda.allocate(20)
    assert peak.bytes == 50


def test_measuring_one_piece_of_work_does_not_lower_the_peak_of_the_process(cuda):
    cuda.allocate(500)
    cuda.allocate(-400)
    with peak_of_work("cuda:0"):
        cuda.allocate(50)
    memory = read_memory("cuda:0")
    assert (memory.total, memory.free, memory.peak) == (1000, 300, 500)


def test_a_processor_does_not_say_what_work_took():
    with peak_of_work("cpu") as peak:
        pass
    assert peak.bytes is None
