"""The bench of the classifier judges what a worker would serve, not what is fastest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from project.inference.devices import Probe
from tests.bench.xray.inference import evidence_of, served_dtype
from tests.bench.xray.rounding import STAGES, RoundedBody
from tests.xray.pipeline.networks import PX, SPEC, seeded_network
from xray.pipeline.folding import folded_body
from xray.pipeline.form import BFLOAT16_FORM
from xray.pipeline.network import as_input
from xray.services.shipped import WEIGHTS, shipped_classifier

FAST, SLOW = 1.0, 6.0


def probe(bfloat16: float) -> Probe:
    seconds = {"float32": 6.0, "float32_channels_last": 5.0, "bfloat16_channels_last": bfloat16}
    return Probe(device="cpu", processor="test", torch_version="2", capability="", seconds=seconds)


def evidence(difference: float):
    return {
        "float32": {"probability_difference": 1e-05},
        "bfloat16": {"probability_difference": difference, "form": BFLOAT16_FORM},
    }


@pytest.mark.parametrize(
    ("difference", "seconds", "served"),
    [
        (0.009, FAST, "bfloat16"),
        (0.0134, FAST, "float32"),  # fast, but the version's own evidence forbids it
        (0.009, SLOW, "float32"),
    ],
)
def test_the_goal_is_for_the_format_that_a_worker_would_choose(difference, seconds, served):
    assert served_dtype(evidence(difference), px=64, probe=probe(seconds)) == served


def test_the_shipped_file_is_judged_by_its_own_evidence_and_not_by_films_at_hand():
    at_hand = evidence(0.002)
    kept, origin = evidence_of(shipped_classifier(), at_hand)
    stored = json.loads((WEIGHTS / "metrics.json").read_text("utf-8"))["figures"]["holdout"]
    assert kept == stored["formats"]
    assert kept != at_hand
    assert "hold-out" in origin


def test_another_file_is_judged_by_what_was_measured(tmp_path: Path):
    assert evidence_of(tmp_path / "other.safetensors", evidence(0.002))[0] == evidence(0.002)


def test_rounding_nothing_is_the_folded_network_and_rounding_moves_it():
    network = seeded_network()
    folded = folded_body(network)
    inputs = as_input(torch.rand(1, PX, PX), mean=SPEC.mean, std=SPEC.std)
    with torch.inference_mode():
        plain = folded(inputs)
        assert torch.equal(RoundedBody(folded, ())(inputs), plain)
        moved = {stage: RoundedBody(folded, (stage,))(inputs) for stage in STAGES}
    for stage, features in moved.items():
        relative = float((features - plain).norm() / plain.norm())
        assert 1e-5 < relative < 0.05, (stage, relative)
