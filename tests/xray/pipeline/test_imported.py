"""Classifiers from elsewhere: read exactly, or refused with the reason."""

from __future__ import annotations

import pickle

import pytest
import torch
from safetensors.torch import save_file

from tests.xray.pipeline.networks import drawn_films, seeded_network
from xray.pipeline.checkpoint import CheckpointError, save_classifier
from xray.pipeline.imported import Given, read_classifier
from xray.pipeline.network import TWO_CLASSES, as_input, pneumonia_logit

IMAGENET = Given(px=64, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))


def logits_of(network, spec=IMAGENET):
    films = torch.stack([torch.from_numpy(film) for film in drawn_films(3)])
    with torch.inference_mode():
        return network(as_input(films, mean=spec.mean, std=spec.std))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"state_dict": state, "epoch": 7},
        lambda state: {"model_state_dict": state},
        lambda state: {"model": {"state_dict": state}},
        lambda state: {f"module.{name}": tensor for name, tensor in state.items()},
        lambda state: {"model": {f"module.backbone.{n}": t for n, t in state.items()}},
    ],
)
def test_a_pth_of_two_classes_scores_as_it_did(tmp_path, wrap):
    network = seeded_network(2)
    path = tmp_path / "best_model.pth"
    torch.save(wrap(network.state_dict()), path)
    found, spec = read_classifier(path, IMAGENET)
    assert spec.classes == TWO_CLASSES
    assert (spec.px, spec.mean, spec.std) == (64, IMAGENET.mean, IMAGENET.std)
    assert torch.equal(logits_of(found), logits_of(network))


def test_a_plain_safetensors_file_is_read_too(tmp_path):
    network = seeded_network(2)
    path = tmp_path / "model.safetensors"
    save_file({n: t.contiguous() for n, t in network.state_dict().items()}, path)
    assert torch.equal(logits_of(read_classifier(path, IMAGENET)[0]), logits_of(network))


def test_a_file_of_our_own_training_says_its_input_itself(tmp_path):
    from tests.xray.pipeline.networks import SPEC

    path = tmp_path / "classifier.safetensors"
    save_classifier(seeded_network(), SPEC, path)
    assert read_classifier(path, IMAGENET)[1] == SPEC


def test_classes_in_another_order_are_put_in_ours(tmp_path):
    network = seeded_network(2)
    path = tmp_path / "swapped.pth"
    torch.save(network.state_dict(), path)
    given = Given(64, IMAGENET.mean, IMAGENET.std, classes=("PNEUMONIA", "NORMAL"))
    found, spec = read_classifier(path, given)
    assert spec.classes == TWO_CLASSES
    assert torch.equal(logits_of(found), logits_of(network)[:, [1, 0]])


def test_one_output_is_the_log_odds_of_pneumonia(tmp_path):
    network = seeded_network(2)
    state = network.state_dict()
    state["fc.weight"], state["fc.bias"] = state["fc.weight"][1:], state["fc.bias"][1:]
    path = tmp_path / "sigmoid.pth"
    torch.save(state, path)
    found, spec = read_classifier(path, IMAGENET)
    assert spec.classes == TWO_CLASSES
    torch.testing.assert_close(pneumonia_logit(logits_of(found)), logits_of(network)[:, 1])


def test_a_head_behind_a_dropout_is_found(tmp_path):
    network = seeded_network(2)
    state = network.state_dict()
    for part in ("weight", "bias"):
        state[f"fc.1.{part}"] = state.pop(f"fc.{part}")
    path = tmp_path / "dropout.pth"
    torch.save(state, path)
    assert torch.equal(logits_of(read_classifier(path, IMAGENET)[0]), logits_of(network))


class Evil:
    """Unpickled, it would create a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_pickle_that_would_run_code_is_refused_and_nothing_runs(tmp_path):
    mark = tmp_path / "ran"
    torch.save({"state_dict": Evil(mark)}, tmp_path / "evil.pth")
    with pytest.raises(CheckpointError, match="more than tensors"):
        read_classifier(tmp_path / "evil.pth", IMAGENET)
    (tmp_path / "old.pth").write_bytes(pickle.dumps(Evil(mark)))
    with pytest.raises(CheckpointError):
        read_classifier(tmp_path / "old.pth", IMAGENET)
    assert not mark.exists()


def changed(change):
    state = seeded_network(2).state_dict()
    change(state)
    return state


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (lambda: torch.zeros(3), "no state_dict"),
        (lambda: {"a": torch.zeros(1)}, "no state_dict"),
        (lambda: changed(lambda s: s.pop("layer3.0.conv1.weight")), "no ResNet-50"),
        (lambda: changed(lambda s: s.update(extra=torch.zeros(1))), "unknown"),
        (lambda: changed(lambda s: s.update({"fc.weight": torch.zeros(5, 2048)})), "5 outputs"),
        (lambda: changed(lambda s: s["conv1.weight"].fill_(float("nan"))), "finite"),
        (
            lambda: {f"strange.{n}": t for n, t in seeded_network(2).state_dict().items()},
            "strange",
        ),
    ],
)
def test_what_is_no_such_network_is_refused_with_the_reason(tmp_path, state, says):
    path = tmp_path / "other.pth"
    torch.save(state(), path)
    with pytest.raises(CheckpointError, match=says):
        read_classifier(path, IMAGENET)


def test_classes_that_the_room_does_not_know_are_refused(tmp_path):
    path = tmp_path / "covid.pth"
    torch.save(seeded_network(2).state_dict(), path)
    with pytest.raises(CheckpointError, match="--classes"):
        read_classifier(path, Given(64, (0.5,), (0.25,), classes=("COVID", "NORMAL")))
