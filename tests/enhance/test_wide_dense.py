"""The form of the large network that GPUs run: fewer, wider convolutions, the same picture."""

import copy

import pytest
import torch

from enhance.nets import loader, rrdb
from enhance.nets.architecture import Rrdb
from enhance.nets.rrdb import RrdbNet
from enhance.nets.slice_sum import activated_sum, kernel_fault, residual_sum
from enhance.nets.wide_dense import WideDenseBlock, widen


@pytest.fixture
def network():
    """Two blocks with weights and biases that all matter, in float64."""
    torch.manual_seed(5)
    made = RrdbNet(Rrdb(blocks=2, features=8, growth=4)).double().eval()
    return made.requires_grad_(requires_grad=False)


def test_the_wide_form_computes_what_the_narrow_form_computes(network):
    picture = torch.rand(2, 3, 9, 14, dtype=torch.float64)
    wide = widen(copy.deepcopy(network))
    assert sum(isinstance(module, WideDenseBlock) for module in wide.modules()) == 6
    # The sums of slices run in float32.
    torch.testing.assert_close(wide(picture), network(picture), rtol=0, atol=1e-6)


@pytest.mark.parametrize("most_pixels", [14, 14 * 4, 14 * 5])
def test_strips_of_the_last_layers_join_without_a_trace(network, monkeypatch, most_pixels):
    picture = torch.rand(2, 3, 11, 14, dtype=torch.float64)
    whole = network(picture)
    monkeypatch.setattr(rrdb, "TAIL_PIXELS", most_pixels)
    torch.testing.assert_close(network(picture), whole, rtol=0, atol=1e-12)


def test_the_wide_form_holds_every_weight_once(network):
    def count(module):
        return sum(parameter.numel() for parameter in module.parameters())

    assert count(widen(copy.deepcopy(network))) == count(network)


@pytest.mark.parametrize(("device", "is_wide"), [("cpu", False), ("cuda:0", True)])
def test_each_device_gets_its_form(monkeypatch, tmp_path, device, is_wide):
    from safetensors.torch import save_file

    architecture = Rrdb(blocks=1, features=8, growth=4)
    save_file(RrdbNet(architecture).state_dict(), tmp_path / "w.safetensors")
    monkeypatch.setattr(torch.nn.Module, "to", lambda self, **_: self)
    loaded = loader.load(
        tmp_path / "w.safetensors", architecture, device=device, dtype=torch.float32
    )
    assert isinstance(loaded.body[0].rdb1, WideDenseBlock) is is_wide


@pytest.mark.gpu
def test_the_kernel_adds_slices_as_torch_does():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    assert kernel_fault(0) is None
    torch.manual_seed(6)
    parts = [
        torch.randn(2, 192 - 32 * index, 9, 13).bfloat16().contiguous(memory_format=torch.channels_last)
        for index in range(5)
    ]  # fmt: skip
    base, offsets = torch.randn(2, 64, 9, 13).bfloat16(), [128, 96, 64, 32, 0]
    on_card = [part.cuda() for part in parts]
    for mine, theirs in (
        (activated_sum(on_card, offsets, 32, slope=0.2), activated_sum(parts, offsets, 32, slope=0.2)),
        (residual_sum(on_card, offsets, base.cuda(), scale=0.2), residual_sum(parts, offsets, base, scale=0.2)),
    ):  # fmt: skip
        torch.testing.assert_close(mine.cpu(), theirs, rtol=0.02, atol=0.02)
