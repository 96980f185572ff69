"""Builds a network and loads its safetensors file (worker only: imports torch)."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from enhance.nets.architecture import Architecture, Rrdb
from enhance.nets.catalogue import NETWORKS
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
    with torch.device("meta"):
        network = build(architecture)
    network.load_state_dict(load_file(path), strict=True, assign=True)
    if isinstance(network, RrdbNet) and device.startswith("cuda"):
        widen(network)  # on a processor the narrow form is the faster one
    return network.to(device=device, dtype=dtype).eval().requires_grad_(requires_grad=False)


def load_model(spec: ModelSpec, path: Path, device: str, dtype: str) -> nn.Module:
    """The loader of the model host; `spec.name` is a name of the catalogue."""
    architecture = NETWORKS[spec.name].architecture
    return load(path, architecture, device=device, dtype=getattr(torch, dtype))
