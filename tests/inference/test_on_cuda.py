"""What only a real CUDA device can show. It needs no Django:
`python -m pytest --noconftest -c /dev/null tests/inference/test_on_cuda.py` runs wherever torch does.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from project.inference.device_lease import DeviceLease
from project.inference.device_memory import read_memory
from project.inference.devices import Format, Placement
from project.inference.maintenance import Maintenance
from project.inference.memory_budget import MemoryBudget
from project.inference.model_host import ModelHost
from project.inference.model_loading import Loaded, measured_bytes, warm_up
from project.inference.oom import Ladder, Size, SizeMemory, free_cached_memory
from tests.inference.fakes import spec_of

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]

DEVICE = "cuda:0"
ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1 << 20
ON_CUDA = Placement(device=DEVICE, format=Format())

# A failed device fails every later call of its process, so this one is thrown away.
FAILING_PROCESS = """
import json, torch
from project.inference.device_failure import is_device_failure
from project.inference.oom import is_out_of_memory

told = {}
try:
    torch.empty(1 << 50, dtype=torch.uint8, device="cuda")
except Exception as error:
    told["too large"] = (is_device_failure(error), is_out_of_memory(error))
try:
    torch.ones(2, 3, device="cuda") @ torch.ones(2, 3, device="cuda")
except Exception as error:
    told["fault in the code"] = (is_device_failure(error), is_out_of_memory(error))
try:
    torch.zeros(2, device="cuda")[torch.tensor([5], device="cuda")]
    torch.cuda.synchronize()
except Exception as error:
    told["kernel"] = (is_device_failure(error), is_out_of_memory(error))
    told["words"] = f"{type(error).__name__}: {error}".splitlines()[0]
try:
    torch.ones(2, device="cuda").sum().item()
except Exception as error:
    told["every later call"] = (is_device_failure(error), is_out_of_memory(error))
print(json.dumps(told))
"""


def test_a_failed_kernel_breaks_the_process_and_a_size_that_does_not_fit_does_not():
    child = subprocess.run(
        [sys.executable, "-c", FAILING_PROCESS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(child.stdout.splitlines()[-1])
    print(told.pop("words"))
    assert told == {
        "too large": [False, True],
        "fault in the code": [False, False],
        "kernel": [True, False],
        "every later call": [True, False],
    }


def test_two_real_models_evict_each_other_and_the_device_has_their_room_again():
    def load(spec, store, placement):
        network = torch.nn.Linear(8192, 8192, bias=False, device=DEVICE)
        return Loaded(network=network, sha256="0" * 64, bytes=measured_bytes(network))

    free_cached_memory()
    before = torch.cuda.memory_allocated(DEVICE)
    host = ModelHost(
        store=None, place=lambda spec: ON_CUDA, budget=MemoryBudget(300 * MEGABYTE), load=load,
        specs=lambda name: spec_of(name, vram_estimate=256 * MEGABYTE),
    )  # fmt: skip
    maintenance = Maintenance(host=host, lease=DeviceLease())
    for name in ("a", "b", "a"):
        maintenance.warm(name)
        assert list(host.loaded()) == [name]
        assert torch.cuda.memory_allocated(DEVICE) - before == 256 * MEGABYTE
    assert maintenance.unload("a") == 256 * MEGABYTE
    assert torch.cuda.memory_allocated(DEVICE) == before


def test_what_a_warm_up_takes_beside_the_weights_is_measured():
    network = torch.nn.Conv2d(3, 64, 3, padding=1, device=DEVICE)
    taken = warm_up(network, spec_of(warmup=((1, 3, 1024, 1024), (1, 3, 16, 16))), ON_CUDA)
    features = 64 * 1024 * 1024 * 4
    assert features <= taken < 4 * features
    memory = read_memory(DEVICE)
    assert taken <= memory.peak < memory.total
    assert 0 < memory.free < memory.total


def test_a_real_allocation_that_fails_climbs_the_ladder_down_to_what_fits():
    free_cached_memory()
    total = torch.cuda.get_device_properties(DEVICE).total_memory
    cap = torch.cuda.memory_reserved(DEVICE) + 3.5 * 256 * MEGABYTE
    sizes, fitted = SizeMemory(), []
    torch.cuda.set_per_process_memory_fraction(cap / total, DEVICE)
    try:
        for attempt in Ladder(memory=sizes, key="k", wanted=Size(tile=0, batch=8)):
            with attempt:
                held = torch.empty(
                    attempt.size.batch * 256 * MEGABYTE, dtype=torch.uint8, device=DEVICE
                )
                fitted.append(attempt.size.batch)
                del held
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, DEVICE)
        free_cached_memory()
    assert fitted == [2]
    assert sizes.start("k", Size(tile=0, batch=8)).batch == 2
