"""One runtime per process, built from the configuration when first asked for."""

from __future__ import annotations

import pytest
import torch

from project.inference import config, devices, registry, runtime
from project.inference.device_lease import Rank
from project.inference.devices import Format
from project.inference.errors import DeviceUnavailable
from project.inference.maintenance import Maintenance
from tests.inference.fakes import spec_of, store_with


@pytest.fixture
def fresh(configured, monkeypatch):
    monkeypatch.setattr(runtime, "_runtime", None)
    monkeypatch.setattr(devices, "_threads_set", True)
    monkeypatch.setattr(devices, "time_convolution", lambda device, candidate: 1.0)
    return configured


def test_a_process_has_one_runtime(fresh):
    first = runtime.worker_runtime()
    assert runtime.worker_runtime() is first
    assert (first.device, first.probe.seconds[str(Format())]) == ("cpu", 1.0)
    assert first.budget_bytes > 0
    assert (fresh.model_root / "probe.json").is_file()


def test_the_byte_budget_is_the_configured_one(fresh):
    config.configure(model_root=fresh.model_root, device="cpu", worker_memory_bytes=1_000_000)
    assert runtime.worker_runtime().budget_bytes == 1_000_000


def test_a_real_model_runs_through_the_runtime(fresh, entry, pip, monkeypatch):
    store_with(fresh.model_root, pip).pull(["tiny"])
    registry.register(spec_of(vram_estimate=10))
    shared = runtime.worker_runtime()
    with shared.host.use("tiny") as model, shared.lease.hold(Rank()), torch.inference_mode():
        assert model.network(torch.zeros(1, 3, 8, 8)).shape == (1, 4, 8, 8)
    assert shared.host.loaded() == {"tiny": 448}


def test_a_runtime_tells_the_bytes_of_its_device(fresh, entry, pip):
    store_with(fresh.model_root, pip).pull(["tiny"])
    registry.register(spec_of(vram_estimate=10, warmup=((1, 3, 8, 8),)))
    shared = runtime.worker_runtime()
    Maintenance(host=shared.host, lease=shared.lease).warm("tiny")
    memory = shared.memory()
    assert (memory["budget_bytes"], memory["models_bytes"]) == (shared.budget_bytes, 448)
    assert 0 < memory["device_free_bytes"] < memory["device_total_bytes"]
    assert 0 < memory["peak_bytes"] < memory["device_total_bytes"]


def test_a_device_that_is_not_there_stops_the_worker_and_is_not_remembered(fresh, monkeypatch):
    config.configure(model_root=fresh.model_root, device="tpu")
    with pytest.raises(DeviceUnavailable):
        runtime.worker_runtime()
    config.configure(model_root=fresh.model_root, device="cpu")
    assert runtime.worker_runtime().device == "cpu"
