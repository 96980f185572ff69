"""What a checkpoint must be before its numbers reach a network."""

import pickle

import pytest

from enhance.nets.face_catalogue import MTCNN, PARSENET, RESTORERS, RETINAFACE
from project.inference import registry, weights
from project.inference.errors import WeightsRefused


class Attack:
    """Would write a file when it is unpickled."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return open, (str(self.target), "w")


@pytest.fixture
def saved(tmp_path):
    """Save an object as torch does; the path."""
    import torch

    def save(content, name="given.pth"):
        torch.save(content, tmp_path / name)
        return tmp_path / name

    return save


def test_faces_go_one_by_one_on_a_processor_and_together_on_a_gpu():
    for name in (*RESTORERS, PARSENET):
        batching = registry.get(name).batching
        assert (batching.largest_on("cpu"), batching.largest_on("cuda:0")) == (1, 16)


def test_a_checkpoint_that_runs_code_is_refused_and_runs_none(saved, tmp_path):
    from enhance.nets.face_networks import read_checkpoint

    with pytest.raises(WeightsRefused, match="data only"):
        read_checkpoint(saved({"params_ema": Attack(tmp_path / "written")}))
    assert not (tmp_path / "written").exists()
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Attack(tmp_path / "written")))
    with pytest.raises(WeightsRefused):
        read_checkpoint(tmp_path / "plain.pth")
    assert not (tmp_path / "written").exists()


@pytest.mark.parametrize("content", [[1, 2], {"params": {"weight": 3}}, {"params": None}])
def test_a_checkpoint_without_named_tensors_is_refused(saved, content):
    from enhance.nets.face_networks import read_checkpoint

    with pytest.raises(WeightsRefused):
        read_checkpoint(saved(content))


def test_averaged_weights_come_first_and_wrappers_are_taken_off(saved):
    import torch

    from enhance.nets.face_networks import read_checkpoint

    one, two = torch.ones(1), torch.zeros(1)
    path = saved({"params": {"module.a": two}, "params_ema": {"module.a": one}})
    assert read_checkpoint(path) == {"a": one}


@pytest.mark.parametrize("change", ["missing", "left over", "another shape"])
def test_a_checkpoint_of_another_network_is_refused_by_its_keys(saved, tmp_path, change):
    import torch

    from enhance.nets.face_convert import mtcnn_to_safetensors
    from enhance.nets.mtcnn import Mtcnn

    network = Mtcnn()
    files = {
        f"{short}.pt": saved(getattr(network, stage).state_dict(), f"{short}.pt")
        for short, stage in (("pnet", "proposal"), ("rnet", "refine"), ("onet", "output"))
    }
    mtcnn_to_safetensors(files, tmp_path / "well.safetensors")
    broken = network.proposal.state_dict()
    if change == "missing":
        del broken["conv1.bias"]
    elif change == "left over":
        broken["conv9.bias"] = torch.zeros(1)
    else:
        broken["conv1.bias"] = torch.zeros(11)
    files["pnet.pt"] = saved(broken, "pnet.pt")
    with pytest.raises(WeightsRefused, match="does not fit"):
        mtcnn_to_safetensors(files, tmp_path / "broken.safetensors")
    assert not (tmp_path / "broken.safetensors").exists()


def test_the_embedded_detector_is_free_and_restorers_are_the_operators_to_pull():
    entries = {entry.name: entry for entry in weights.all_entries()}
    assert (entries[MTCNN].embedded, entries[MTCNN].licence) == (True, "MIT")
    for name in (*RESTORERS, RETINAFACE, PARSENET):
        assert not entries[name].embedded
        assert all(source.describe().startswith("https://") for source in entries[name].sources)
    assert not entries[PARSENET].commercial
    assert {spec.name for spec in registry.all_specs()} >= {
        MTCNN, RETINAFACE, PARSENET, *RESTORERS
    }  # fmt: skip


def test_no_face_network_may_run_in_half_precision():
    for name in (*RESTORERS, PARSENET, RETINAFACE, MTCNN):
        formats = {precision.dtype for precision in registry.get(name).allowed("cuda:0")}
        assert "float16" not in formats
