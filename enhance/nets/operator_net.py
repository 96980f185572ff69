"""Networks that operators add: described and loaded through spandrel, from tensors alone.

Worker only: imports torch, and spandrel (seconds: it imports some forty architectures).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from enhance.nets.checkpoint import read_state
from project.inference.registry import MIN_PSNR_DB, ModelSpec

SCALES = range(1, 9)
# Large enough for the windows of the known architectures, small enough for a processor.
TRIAL_SIDE = 64
FEATURE_MAPS = 3


class UnusableNetwork(ValueError):
    """The tensors are no network that enlarges RGB pictures in tiles."""


@dataclass(frozen=True, kw_only=True)
class Description:
    """What was found out about a network by running it once.

    `receptive_radius` is known for one architecture only, whose tiles can therefore be cut
    exactly. `bfloat16_psnr_db` is None where that format is not supported or not good enough.
    """

    architecture: str
    scale: int
    parameters: int
    receptive_radius: int | None
    megaflop_per_pixel: float
    bytes_per_pixel: int
    bfloat16_psnr_db: float | None


class OperatorNet(nn.Module):
    """RGB in [0, 1], N x 3 x H x W, to N x 3 x sH x sW, with the call of our own networks."""

    def __init__(self, descriptor: Any) -> None:
        super().__init__()
        self.model = descriptor.model
        self._descriptor = descriptor

    def forward(
        self, x: torch.Tensor, *, between: Callable[[], None] | None = None
    ) -> torch.Tensor:
        """One enlargement, clamped; `between` is called before it and may raise to stop."""
        if between is not None:
            between()
        result: torch.Tensor = self._descriptor(x)
        return result


def build(state: Mapping[str, torch.Tensor]) -> OperatorNet:
    """The network that these tensors belong to, float32 on the CPU. Raises UnusableNetwork."""
    from spandrel import ImageModelDescriptor, ModelLoader, ModelTiling, UnsupportedModelError

    try:
        found = ModelLoader(device="cpu").load_from_state_dict(dict(state))
    except UnsupportedModelError as error:
        raise UnusableNetwork("no known architecture has these tensors") from error
    except (RuntimeError, KeyError, ValueError, IndexError, AssertionError) as error:
        raise UnusableNetwork(
            f"the tensors do not fit: {str(error).partition(chr(10))[0]}"
        ) from error
    if not isinstance(found, ImageModelDescriptor) or found.purpose not in ("SR", "Restoration"):
        raise UnusableNetwork(f"{found.architecture.name} does not enlarge pictures")
    if (found.input_channels, found.output_channels) != (3, 3):
        raise UnusableNetwork("the network does not read and write RGB")
    if found.scale not in SCALES or found.tiling is ModelTiling.INTERNAL:
        raise UnusableNetwork(f"scale {found.scale}, tiles {found.tiling.name}")
    found.model.float().eval().requires_grad_(requires_grad=False)
    return OperatorNet(found)


def describe(network: OperatorNet) -> Description:
    """Run the network on a small picture and measure it. Raises UnusableNetwork."""
    descriptor = network._descriptor
    picture = trial_picture()
    largest = _LargestOutput(network)
    with FlopCounterMode(display=False) as flops, largest:
        result = network(picture)
    wanted = (1, 3, TRIAL_SIDE * descriptor.scale, TRIAL_SIDE * descriptor.scale)
    if tuple(result.shape) != wanted or not bool(torch.isfinite(result).all()):
        raise UnusableNetwork("a trial gave no picture of the announced size")
    return Description(
        architecture=descriptor.architecture.id,
        scale=descriptor.scale,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        receptive_radius=_radius(descriptor),
        megaflop_per_pixel=round(max(flops.get_total_flops(), 1) / TRIAL_SIDE**2 / 1e6, 4),
        bytes_per_pixel=FEATURE_MAPS * largest.bytes // TRIAL_SIDE**2,
        bfloat16_psnr_db=_bfloat16_psnr(network, picture, result),
    )


def load_model(spec: ModelSpec, path: Path, device: str, dtype: str) -> nn.Module:
    """The loader of the model host: safetensors that the check has written."""
    del spec
    return build(read_state(path)).to(device=device, dtype=getattr(torch, dtype)).eval()


def trial_picture() -> torch.Tensor:
    """Smooth colours and seeded noise, 1 x 3 x TRIAL_SIDE x TRIAL_SIDE in 0..1."""
    generator = torch.Generator().manual_seed(1)
    steps = torch.linspace(0, 1, TRIAL_SIDE)
    smooth = torch.stack([steps.expand(TRIAL_SIDE, -1), steps[:, None].expand(-1, TRIAL_SIDE),
                          torch.outer(steps, steps)])  # fmt: skip
    noise = torch.rand(3, TRIAL_SIDE, TRIAL_SIDE, generator=generator)
    return (0.8 * smooth + 0.2 * noise)[None]


def _radius(descriptor: Any) -> int | None:
    """Input pixels that one output pixel sees: one for each 3 x 3 convolution of a plain stack."""
    if descriptor.architecture.id != "Compact":
        return None
    return sum(isinstance(layer, nn.Conv2d) for layer in descriptor.model.modules())


def _bfloat16_psnr(
    network: OperatorNet, picture: torch.Tensor, exact: torch.Tensor
) -> float | None:
    if not network._descriptor.supports_bfloat16:
        return None
    narrow = copy.deepcopy(network).to(torch.bfloat16)
    error = float((narrow(picture.to(torch.bfloat16)).float() - exact).pow(2).mean())
    psnr = 99.0 if error == 0 else 10 * math.log10(1 / error) if math.isfinite(error) else 0.0
    return round(psnr, 1) if psnr >= MIN_PSNR_DB else None


class _LargestOutput:
    """Bytes of the largest tensor that any layer gives, while it is entered."""

    def __init__(self, network: nn.Module) -> None:
        self.bytes = 0
        self._network = network
        self._hooks: list[Any] = []

    def __enter__(self) -> None:
        for layer in self._network.modules():
            self._hooks.append(layer.register_forward_hook(self._seen))

    def __exit__(self, *error: object) -> None:
        for hook in self._hooks:
            hook.remove()

    def _seen(self, layer: nn.Module, inputs: object, output: object) -> None:
        del layer, inputs
        if isinstance(output, torch.Tensor):
            self.bytes = max(self.bytes, output.numel() * output.element_size())
