"""A classifier's file says all that serving needs, and refuses to be anything else."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.xray.pipeline.networks import SPEC, seeded_network
from xray.pipeline.calibration import Calibration
from xray.pipeline.checkpoint import (
    CheckpointError,
    canonical_bytes,
    load_classifier,
    read_calibration,
    read_spec,
    save_classifier,
    write_calibration,
)
from xray.pipeline.network import TWO_CLASSES, as_input

CALIBRATION = Calibration(1.4, 1.2, 1.6, {"screening": 0.31})


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "classifier.safetensors"
    save_classifier(seeded_network(), SPEC, path)
    return path


def test_input_and_weights_come_back_at_half_the_size(path):
    network, spec = load_classifier(path)
    assert spec == read_spec(path) == SPEC
    for name, tensor in seeded_network().state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        kept = tensor.half().float() if tensor.ndim > 1 else tensor
        assert torch.equal(network.state_dict()[name], kept), name
    assert path.stat().st_size <= 50_000_000


@pytest.mark.parametrize(
    "spec",
    [
        replace(SPEC, classes=TWO_CLASSES),
        replace(SPEC, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225), classes=TWO_CLASSES),
    ],
)
def test_classes_and_tones_of_an_imported_classifier_come_back(tmp_path, spec):
    path = tmp_path / "two.safetensors"
    save_classifier(seeded_network(2), spec, path)
    network, found = load_classifier(path)
    assert found == spec
    assert network.fc.out_features == 2


def test_a_tone_for_each_channel_is_used_for_its_channel():
    films = torch.full((1, 4, 4), 0.5)
    inputs = as_input(films, mean=(0.5, 0.25, 0.0), std=(1.0, 0.5, 0.25))
    assert inputs[0, :, 0, 0].tolist() == [0.0, 0.5, 2.0]
    assert as_input(films, mean=0.25, std=0.5)[0, :, 0, 0].tolist() == [0.5, 0.5, 0.5]


def test_the_same_weights_are_the_same_bytes_in_order(path, tmp_path):
    again = tmp_path / "again.safetensors"
    save_classifier(seeded_network(), SPEC, again)
    content = canonical_bytes(path)
    assert content == canonical_bytes(again)
    again.write_bytes(content)
    before, after = load_file(path), load_file(again)
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert load_classifier(again)[1] == SPEC


def test_a_calibration_is_added_without_touching_a_tensor(path):
    before = load_file(path)
    with pytest.raises(CheckpointError, match="not calibrated"):
        read_calibration(path)
    write_calibration(path, CALIBRATION)
    assert read_calibration(path) == CALIBRATION
    after = load_file(path)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert load_classifier(path)[1] == SPEC


@pytest.mark.parametrize("content", [b"", b"no tensors", b"\x00" * 64])
def test_a_file_that_is_none_is_refused_with_its_name(tmp_path, content):
    path = tmp_path / "broken.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"broken\.safetensors"):
        load_classifier(path)


def header(**changes):
    kept = {
        "format": "omnilens-cxr-1", "architecture": "resnet50", "px": "64", "mean": "0.5",
        "std": "0.25", "classes": "NORMAL,bacteria,virus", **changes,
    }  # fmt: skip
    return {name: value for name, value in kept.items() if value is not None}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": "another"}, "not a classifier"),
        ({"px": None}, "header"),
        ({"mean": "dark"}, "header"),
        ({"classes": "NORMAL,COVID"}, "unknown classes"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(path, changes, says):
    save_file(load_file(path), path, metadata=header(**changes))
    with pytest.raises(CheckpointError, match=says):
        load_classifier(path)


def test_tensors_of_another_network_are_refused(path):
    state = load_file(path)
    del state["layer1.0.conv1.weight"]
    save_file(state, path, metadata=header())
    with pytest.raises(CheckpointError, match="missing"):
        load_classifier(path)
    save_file({**load_file(path), "extra": torch.zeros(1)}, path, metadata=header())
    with pytest.raises(CheckpointError, match="extra"):
        load_classifier(path)


def test_a_head_of_another_size_is_refused(path):
    save_file(load_file(path), path, metadata=header(classes="NORMAL,PNEUMONIA"))
    with pytest.raises(CheckpointError, match="fc"):
        load_classifier(path)
