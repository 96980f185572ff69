"""The smallest runtime: a real device lease, and no models."""

from __future__ import annotations

from dataclasses import dataclass, field

from project.inference.device_lease import DeviceLease
from project.inference.micro_batcher import MicroBatcher


class NoModels:
    """A host that has nothing to load."""

    def loaded(self):
        return {}

    def residents(self):
        return []

    def is_loaded(self, name):
        return False


@dataclass(frozen=True, kw_only=True)
class SmallRuntime:
    """What `run_next(runtime=...)` needs."""

    host: NoModels = field(default_factory=NoModels)
    lease: DeviceLease = field(default_factory=DeviceLease)
    batcher: MicroBatcher = field(init=False)
    device: str = "cpu"

    def __post_init__(self):
        object.__setattr__(self, "batcher", MicroBatcher(lease=self.lease))

    def memory(self):
        return {
            "budget_bytes": 1000,
            "models_bytes": 0,
            "device_total_bytes": None,
            "device_free_bytes": None,
            "peak_bytes": None,
        }

    def missing_weights(self):
        return []


_shared = SmallRuntime()


def small_runtime():
    """One per process, as in a worker."""
    return _shared
