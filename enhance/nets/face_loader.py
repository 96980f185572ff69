"""The loader of the model host for the networks of the face path (worker only)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from enhance.nets.face_networks import builder_of
from project.inference.registry import ModelSpec


def load_network(
    path: Path, build: Callable[[], nn.Module], *, device: str, dtype: torch.dtype
) -> nn.Module:
    """The network in `dtype` on `device`, ready for inference.

    Raises RuntimeError when a key of the file is missing, left over or of another shape.
    """
    with torch.device("meta"):
        network = build()
    network.load_state_dict(load_file(path), strict=True, assign=True)
    return network.to(device=device, dtype=dtype).eval().requires_grad_(requires_grad=False)


def load_model(spec: ModelSpec, path: Path, device: str, dtype: str) -> nn.Module:
    """`spec.name` is a name of the face catalogue."""
    return load_network(path, builder_of(spec.name), device=device, dtype=getattr(torch, dtype))
