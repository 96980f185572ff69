"""Builds a network and loads its safetensors file (worker only: imports torch)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from enhance.nets.architecture import Architecture, Rrdb
from enhance.nets.catalogue import ARCHITECTURES
from enhance.nets.denoise import strength_of
from enhance.nets.rrdb import RrdbNet
from enhance.nets.srvgg import SrvggNet
from enhance.nets.wide_dense import widen
from project.inference.registry import ModelSpec


def build(architecture: Architecture) -> nn.Module:
    """The network with weights that are not initialised to anything meaningful."""
    if isinstance(architecture, Rrdb):
        return RrdbNet(architecture)
    return SrvggNet(architecture)


def load(path: Path, architecture: Architecture, *, device: str, dtype: torch.dtype) -> nn.Module:
    """The network in `dtype` on `device`, ready for inference, in the form that suits the device.

    Raises RuntimeError when a key of the file is missing, left over or of another shape.
    """
    return _ready(architecture, load_file(path), device=device, dtype=dtype)


def _ready(
    architecture: Architecture,
    state: Mapping[str, torch.Tensor],
    *,
    device: str,
    dtype: torch.dtype,
) -> nn.Module:
    with torch.device("meta"):
        network = build(architecture)
    network.load_state_dict(state, strict=True, assign=True)
    if isinstance(network, RrdbNet) and device.startswith("cuda"):
        widen(network)  # on a processor the narrow form is the faster one
    return network.to(device=device, dtype=dtype).eval().requires_grad_(requires_grad=False)


def load_model(spec: ModelSpec, path: Path, device: str, dtype: str) -> nn.Module:
    """The loader of the model host; the (first) weights of `spec` name the architecture."""
    architecture = ARCHITECTURES[spec.weights[0]]
    return load(path, architecture, device=device, dtype=getattr(torch, dtype))


def load_mixture(spec: ModelSpec, paths: Mapping[str, Path], device: str, dtype: str) -> nn.Module:
    """Two networks of one architecture mixed by the strength in the name of `spec`.

    Each weight is strength times that of the first entry of `spec.weights` and the rest times
    that of the second (deep network interpolation, Wang et al. 2019).
    """
    strength = strength_of(spec.name)
    strong, soft = (load_file(paths[name]) for name in spec.weights)
    mixed = {name: torch.lerp(soft[name], value, strength) for name, value in strong.items()}
    return _ready(ARCHITECTURES[spec.weights[0]], mixed, device=device, dtype=getattr(torch, dtype))
