"""The gate's file and what a verdict says."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.xray.gate.pictures import frontal
from xray.choices import Correction
from xray.pipeline import gate as serving
from xray.pipeline.checkpoint import CheckpointError
from xray.pipeline.gate import REPAIRS, corrected, judge, load_gate, save_gate
from xray.pipeline.gate_network import (
    INVERTED,
    OTHER,
    ROTATED,
    UPRIGHT,
    Gate,
    GateSpec,
    as_gate_input,
    gate_network,
)
from xray.pipeline.preprocess import frame


class Knows(torch.nn.Module):
    """Stands for the layers: says `upright` for one small picture, `otherwise` for all others."""

    def __init__(self, upright, otherwise, confidence=12.0):
        super().__init__()
        self.known = as_gate_input(torch.from_numpy(upright)[None])[0]
        self.otherwise, self.confidence = otherwise, confidence
        self.unused = torch.nn.Parameter(torch.zeros(1))

    def forward(self, inputs):
        logits = torch.zeros(len(inputs), 4)
        for place, picture in enumerate(inputs):
            same = torch.allclose(picture, self.known, atol=2e-2)
            logits[place, UPRIGHT if same else self.otherwise] = self.confidence
        return logits


@pytest.fixture
def film():
    return frontal(np.random.default_rng(7))


def knowing(film, otherwise, **how):
    return Gate(Knows(frame(film, 64).pixels, otherwise, **how), GateSpec(64, 0.5))


def test_a_saved_gate_scores_as_before_and_keeps_its_threshold(tmp_path, film):
    torch.manual_seed(0)
    before = Gate(gate_network(), GateSpec(64, 0.12345678901234567)).eval()
    save_gate(before.layers, before.spec, tmp_path / "gate.safetensors")
    after = load_gate(tmp_path / "gate.safetensors")
    assert after.spec == before.spec
    assert judge(film, after) == judge(film, before)


def test_what_is_no_gate_is_not_loaded_as_one(tmp_path):
    (tmp_path / "text").write_text("no tensors")
    save_file({"a": torch.zeros(1)}, tmp_path / "foreign")
    torch.manual_seed(0)
    save_gate(gate_network(), GateSpec(64, 0.5), tmp_path / "gate")
    good = load_gate(tmp_path / "gate").layers.state_dict()
    header = {"format": "omnilens-cxr-gate-1", "px": "64", "threshold": "0.5"}
    header["classes"] = "upright_frontal,rotated,inverted,other"
    cut = {name: tensor for name, tensor in good.items() if not name.startswith("0.")}
    save_file(cut, tmp_path / "cut", metadata=header)
    narrow = dict(good) | {"0.weight": torch.zeros(2, 1, 3, 3)}
    save_file(narrow, tmp_path / "narrow", metadata=header)
    save_file(good, tmp_path / "no_threshold", metadata=header | {"threshold": "high"})
    for name in ("missing", "text", "foreign", "cut", "narrow", "no_threshold"):
        with pytest.raises(CheckpointError):
            load_gate(tmp_path / name)


def test_exposure_does_not_change_the_input():
    picture = torch.rand(1, 64, 64, generator=torch.Generator().manual_seed(0)) * 0.5 + 0.25
    darker = as_gate_input(picture * 0.8 + 0.1)
    assert torch.allclose(as_gate_input(picture), darker, atol=0.15)
    assert as_gate_input(picture).mean().abs() < 1e-5


def test_a_film_above_the_threshold_is_let_in_without_a_code(film):
    verdict = judge(film, knowing(film, OTHER))
    assert (verdict.code, verdict.accepted, verdict.seen_as) == ("", True, "upright_frontal")
    assert verdict.score == pytest.approx(verdict.measures["upright_frontal"])
    assert verdict.warnings == []


def test_a_film_that_is_barely_let_in_carries_a_warning(film):
    assert judge(film, knowing(film, OTHER, confidence=1.5)).warnings == ["gate_near_threshold"]


@pytest.mark.parametrize("repair", REPAIRS)
def test_a_refused_film_names_the_repair_after_which_it_would_be_let_in(film, repair):
    """What was done to the film is undone by the repair: a quarter clockwise undoes three."""
    undone_by = {
        "invert": 1 - film,
        "rotate_90": np.rot90(film, 1),
        "rotate_180": np.rot90(film, 2),
        "rotate_270": np.rot90(film, 3),
    }
    verdict = judge(np.ascontiguousarray(undone_by[repair]), knowing(film, ROTATED))
    assert (verdict.code, verdict.repair) == ("inverted_or_rotated", repair)
    assert verdict.measures[f"score_{repair}"] > 0.9


def test_no_repair_is_offered_where_none_would_help(film):
    other = frontal(np.random.default_rng(8))
    assert judge(other, knowing(film, INVERTED)).repair == ""
    assert judge(other, knowing(film, INVERTED)).code == "inverted_or_rotated"


def test_what_is_something_else_is_not_a_chest_film_and_has_no_repair(film):
    verdict = judge(1 - film, knowing(film, OTHER))
    assert (verdict.code, verdict.repair, verdict.seen_as) == ("not_chest_xray", "", "other")


def test_the_repairs_are_the_corrections_a_user_can_ask_for():
    assert set(REPAIRS) == set(Correction.values) - {""}


def test_a_turn_is_clockwise():
    picture = torch.zeros(4, 4)
    picture[0, 0] = 1
    assert corrected(picture, "rotate_90")[0, 3] == 1
    assert corrected(picture, "rotate_180")[3, 3] == 1
    assert corrected(picture, "rotate_270")[3, 0] == 1
    assert torch.equal(corrected(picture, "invert"), 1 - picture)


def test_the_model_host_gets_the_gate_in_single_precision(tmp_path):
    torch.manual_seed(0)
    save_gate(gate_network(), GateSpec(64, 0.5), tmp_path / "gate")
    loaded = serving.load(None, tmp_path / "gate", "cpu", "bfloat16")
    assert {weights.dtype for weights in loaded.parameters()} == {torch.float32}
