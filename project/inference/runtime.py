"""The one host, lease and batcher of a worker process, built when first asked for."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from project.inference import config, devices
from project.inference.device_lease import DeviceLease
from project.inference.device_memory import read_memory
from project.inference.devices import Probe
from project.inference.memory_budget import MemoryBudget, device_budget
from project.inference.micro_batcher import MicroBatcher
from project.inference.model_host import ModelHost
from project.inference.weight_store import configured_store

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """What every run of this process shares."""

    host: ModelHost
    lease: DeviceLease
    batcher: MicroBatcher
    device: str
    probe: Probe
    budget_bytes: int

    def memory(self) -> dict[str, int | None]:
        """Bytes: the budget, what models hold of it, and what the device says of itself."""
        found = read_memory(self.device)
        return {
            "budget_bytes": self.budget_bytes,
            "models_bytes": sum(self.host.loaded().values()),
            "device_total_bytes": found.total,
            "device_free_bytes": found.free,
            "peak_bytes": found.peak,
        }

    def missing_weights(self) -> list[str]:
        """Weights of the embedded set that this worker cannot load."""
        return configured_store().missing_embedded()


_lock = threading.Lock()
_runtime: Runtime | None = None


def worker_runtime() -> Runtime:
    """The runtime of this process; imports torch. Raises DeviceUnavailable."""
    global _runtime
    with _lock:
        if _runtime is None:
            _runtime = _build()
        return _runtime


def _build() -> Runtime:
    settings = config.current()
    devices.prepare_threads(settings.torch_threads)
    device = devices.discover(settings.device)
    probe = devices.probe(device, cache=settings.model_root)
    total = device_budget(device, settings.worker_memory_bytes)
    logger.info("inference on %s, %d bytes for models", device, total)
    host = ModelHost(store=configured_store(), place=probe.place, budget=MemoryBudget(total))
    lease = DeviceLease(synchronize=devices.synchronizer(device))
    return Runtime(
        host=host,
        lease=lease,
        batcher=MicroBatcher.beside(lease, host),
        device=device,
        probe=probe,
        budget_bytes=total,
    )
