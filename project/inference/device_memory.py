"""Bytes of a device as it reports them itself, and the peak of one piece of work on it."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_KILOBYTE = 1024


@dataclass(frozen=True, kw_only=True)
class DeviceMemory:
    """On `cpu`: the machine's memory, and the most this process ever held of it."""

    total: int
    free: int
    peak: int


@dataclass
class Peak:
    """Bytes beyond those held when the work began; None where the device cannot say."""

    bytes: int | None = None


_lock = threading.Lock()
_highest: dict[str, int] = {}


def read_memory(device: str) -> DeviceMemory:
    """The device as it is now; `peak` counts from the start of this process."""
    if device == "cpu":
        import psutil

        machine = psutil.virtual_memory()
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILOBYTE
        return DeviceMemory(total=machine.total, free=machine.available, peak=most)
    import torch

    free, total = torch.cuda.mem_get_info(device)
    with _lock:
        peak = max(_highest.get(device, 0), torch.cuda.max_memory_allocated(device))
    return DeviceMemory(total=total, free=free, peak=peak)


@contextmanager
def peak_of_work(device: str) -> Iterator[Peak]:
    """Measure what the block allocates at most; nothing else may run on the device meanwhile."""
    peak = Peak()
    if device == "cpu":
        yield peak
        return
    import torch

    with _lock:  # the counter of the device starts anew, the highest so far is kept
        _highest[device] = max(_highest.get(device, 0), torch.cuda.max_memory_allocated(device))
        torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    yield peak
    torch.cuda.synchronize(device)
    peak.bytes = torch.cuda.max_memory_allocated(device) - before
