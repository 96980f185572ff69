"""Bytes of one device: what may be used, what is reserved, what models really need."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FREE_SHARE = 0.9


class MemoryBudget:
    """Book-keeping only; the caller holds the lock (see model_host.py)."""

    def __init__(self, total: int) -> None:
        if total <= 0:
            raise ValueError("a memory budget must be positive")
        self.total = total
        self._reserved: dict[str, int] = {}
        self._measured: dict[str, int] = {}

    @property
    def used(self) -> int:
        """Bytes reserved by loaded and loading models."""
        return sum(self._reserved.values())

    @property
    def free(self) -> int:
        """Bytes still to give."""
        return self.total - self.used

    @property
    def reserved(self) -> Mapping[str, int]:
        """Bytes by model."""
        return MappingProxyType(self._reserved)

    def need(self, name: str, estimate: int) -> int:
        """The measured size of a model that was loaded once, else the estimate."""
        return self._measured.get(name, estimate)

    def reserve(self, name: str, size: int) -> bool:
        """Book `size` bytes for a model if they are free; whether they were."""
        if size > self.free:
            return False
        self._reserved[name] = size
        return True

    def resize(self, name: str, size: int) -> bool:
        """Remember the measured size and book it instead; False when it does not fit."""
        self._measured[name] = size
        if size - self._reserved[name] > self.free:
            return False
        self._reserved[name] = size
        return True

    def release(self, name: str) -> None:
        """Give back what a model had booked."""
        self._reserved.pop(name, None)


def device_budget(device: str, configured: int) -> int:
    """min(0.9 of what is free now, `configured` bytes); `configured` 0 sets no limit."""
    free = int(_free_bytes(device) * FREE_SHARE)
    return min(free, configured) if configured else free


def _free_bytes(device: str) -> int:
    if device == "cpu":
        import psutil

        return int(psutil.virtual_memory().available)
    import torch

    return int(torch.cuda.mem_get_info(device)[0])
