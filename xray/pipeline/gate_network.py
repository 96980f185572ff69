"""The gate's network and its file: is this an upright, uninverted frontal chest film?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from xray.pipeline.checkpoint import CheckpointError

FORMAT = "omnilens-cxr-gate-1"
CLASSES = ("upright_frontal", "rotated", "inverted", "other")
UPRIGHT, ROTATED, INVERTED, OTHER = range(len(CLASSES))
WIDTHS = (16, 32, 64, 96)
CELLS = 4
# Added to the deviation of a picture: what is nearly one tone is not blown up to full contrast.
LEAST_DEVIATION = 0.05


@dataclass(frozen=True, slots=True)
class GateSpec:
    """How the gate's input is made and above which score a film is let in."""

    px: int
    threshold: float
    """Of the probability of `upright_frontal`; chosen on validation sources when it was trained."""


class Gate(nn.Module):
    """The layers with what they need to be asked: input size and threshold."""

    def __init__(self, layers: nn.Module, spec: GateSpec) -> None:
        super().__init__()
        self.layers = layers
        self.spec = spec

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, 1, px, px) inputs as (n, 4) logits."""
        logits: Tensor = self.layers(inputs)
        return logits


def gate_network() -> nn.Module:
    """Random weights; takes (n, 1, px, px) and gives (n, 4) logits in the order of `CLASSES`.

    Where things lie decides (a film upside down has the same parts), so the last map is not
    averaged over the picture but kept as `CELLS` by `CELLS` cells.
    """
    layers: list[nn.Module] = []
    for taken, given in zip((1, *WIDTHS), WIDTHS, strict=False):
        layers += [nn.Conv2d(taken, given, 3, stride=2, padding=1, bias=False)]
        layers += [nn.BatchNorm2d(given), nn.ReLU()]
    layers += [nn.AdaptiveAvgPool2d(CELLS), nn.Flatten(), nn.Dropout(0.3)]
    layers += [nn.Linear(WIDTHS[-1] * CELLS * CELLS, len(CLASSES))]
    return nn.Sequential(*layers)


def as_gate_input(pictures: Tensor) -> Tensor:
    """(n, px, px) in [0, 1] as (n, 1, px, px), each picture with mean 0 and deviation near 1."""
    mean = pictures.mean(dim=(1, 2), keepdim=True)
    deviation = pictures.std(dim=(1, 2), keepdim=True)
    return ((pictures - mean) / (deviation + LEAST_DEVIATION))[:, None]


def class_probabilities(network: nn.Module, pictures: Tensor) -> Tensor:
    """(n, 4) float64 for framed pictures (n, px, px): double, so that a score near 1 keeps order."""
    device = next(network.parameters()).device
    with torch.inference_mode():
        logits: Tensor = network(as_gate_input(pictures.to(device)))
    return logits.cpu().double().softmax(dim=1)


def save_gate(network: nn.Module, spec: GateSpec, path: Path) -> None:
    """The weights in fp32 (they are small) with everything that serving needs in the header."""
    state = {
        name: tensor.detach().to("cpu", torch.float32).contiguous()
        for name, tensor in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    header = {
        "format": FORMAT,
        "classes": ",".join(CLASSES),
        "px": str(spec.px),
        "threshold": repr(spec.threshold),
    }
    save_file(state, path, metadata=header)


def load_gate(path: Path) -> Gate:
    """The gate in eval mode. Raises CheckpointError."""
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMAT or header.get("classes") != ",".join(CLASSES):
                raise CheckpointError(f"{path.name} is not a gate of the X-ray room")
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            spec = GateSpec(int(header["px"]), float(header["threshold"]))
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{path.name} cannot be read: {error}") from error
    layers = gate_network()
    try:
        missing, unexpected = layers.load_state_dict(state, strict=False)
    except RuntimeError as error:
        raise CheckpointError(f"{path.name} has tensors of other shapes") from error
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise CheckpointError(f"{path.name}: tensors missing {missing}, unknown {unexpected}")
    return Gate(layers, spec).eval()
