"""Turns a spec into a network on its device: weights, loader, layout, warm-up, size."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from project.inference.device_memory import peak_of_work
from project.inference.devices import Placement
from project.inference.errors import InferenceError, ModelUnavailable, OutOfMemory
from project.inference.oom import is_out_of_memory
from project.inference.registry import ModelSpec
from project.inference.weight_store import WeightStore


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A constructed network, its bytes on the device and the hash of its weights.

    `activation_bytes` is what the warm-up took besides; None without one, or where the device
    cannot say.
    """

    network: Any
    sha256: str
    bytes: int
    activation_bytes: int | None = None


def load_model(spec: ModelSpec, store: WeightStore, placement: Placement) -> Loaded:
    """Call the spec's loader and warm the network up.

    Raises ModelUnavailable (weights missing or refused, loader failed) or OutOfMemory.
    """
    weights = [store.require(name) for name in spec.weights]
    paths = {entry.entry.name: entry.path for entry in weights}
    with _named_errors(spec, placement):
        network = spec.load_loader()(
            spec,
            weights[0].path if len(weights) == 1 else paths,
            placement.device,
            placement.format.dtype,
        )
        if placement.format.channels_last:
            network = _channels_last(network)
    activation_bytes = warm_up(network, spec, placement)
    return Loaded(
        network=network,
        sha256=_joint_hash([entry.sha256 for entry in weights]),
        bytes=measured_bytes(network) or spec.vram_estimate,
        activation_bytes=activation_bytes,
    )


def warm_up(network: Any, spec: ModelSpec, placement: Placement) -> int | None:
    """Run an empty input of every listed shape, in the format that pipelines use.

    Returns the most bytes that one of them took beside the weights, if the device can say. The
    caller keeps other kernels off the device. Raises as `load_model` does.
    """
    if not spec.warmup:
        return None
    import torch

    dtype = getattr(torch, placement.format.dtype)
    layout = torch.channels_last if placement.format.channels_last else torch.contiguous_format
    with _named_errors(spec, placement), peak_of_work(placement.device) as peak:
        for shape in spec.warmup:
            empty = torch.zeros(shape, device=placement.device, dtype=dtype)
            with torch.inference_mode():
                network(empty.contiguous(memory_format=layout) if len(shape) == 4 else empty)
    return peak.bytes


@contextmanager
def _named_errors(spec: ModelSpec, placement: Placement) -> Iterator[None]:
    try:
        yield
    except InferenceError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise OutOfMemory(f"loading {spec.name} on {placement.device}: {error}") from error
        raise ModelUnavailable(f"loading {spec.name}: {type(error).__name__}: {error}") from error


def measured_bytes(network: Any) -> int:
    """Bytes of the parameters and buffers of a torch module; 0 for anything else."""
    import torch

    if not isinstance(network, torch.nn.Module):
        return 0
    tensors = (*network.parameters(), *network.buffers())
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _channels_last(network: Any) -> Any:
    import torch

    return network.to(memory_format=torch.channels_last)


def _joint_hash(hashes: list[str]) -> str:
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
