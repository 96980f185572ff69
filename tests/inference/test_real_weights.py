"""The real embedded set: whole, loadable, within its measured precision."""

from __future__ import annotations

import math

import pytest

from project.inference import registry, weights
from project.inference.devices import Format, Placement
from project.inference.model_loading import load_model
from project.inference.weight_store import configured_store

pytestmark = pytest.mark.weights

EMBEDDED = [entry.name for entry in weights.all_entries() if entry.embedded]
SPECS = [
    spec for spec in registry.all_specs() if set(spec.weights) <= set(EMBEDDED) and spec.precisions
]


@pytest.fixture
def store():
    store = configured_store()
    missing = [name for name in EMBEDDED if not store.status(name).present]
    if missing:
        pytest.skip(f"{', '.join(missing)}: run 'manage.py models pull --embedded'")
    return store


def test_the_embedded_set_is_whole(store):
    assert EMBEDDED
    assert {name: store.verify(name).state for name in EMBEDDED} == dict.fromkeys(
        EMBEDDED, "present"
    )


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_lower_precision_keeps_its_gate_on_the_real_weights(store, spec):
    import torch

    picture = smooth_picture()
    with torch.inference_mode():
        exact = load_model(spec, store, placed("float32")).network(picture)
        for precision in spec.allowed("cpu")[:-1]:
            network = load_model(spec, store, placed(precision.dtype)).network
            lower = network(picture.to(getattr(torch, precision.dtype))).float()
            error = float((exact.clamp(0, 1) - lower.clamp(0, 1)).pow(2).mean())
            assert 10 * math.log10(1 / error) >= registry.MIN_PSNR_DB


def placed(dtype):
    return Placement(device="cpu", format=Format(dtype=dtype, channels_last=True))


def smooth_picture():
    """1 x 3 x 32 x 32 in 0..1: gradients and an edge."""
    import torch

    ramp = torch.linspace(0, 1, 32)
    picture = torch.stack([ramp.expand(32, 32), ramp.expand(32, 32).T, ramp.flip(0).expand(32, 32)])
    picture[:, 8:24, 8:24] = 0.5
    return picture[None].contiguous(memory_format=torch.channels_last)
