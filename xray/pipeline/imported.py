"""Read a ResNet-50 that somebody else trained, as far as it can be read without running code.

A `.pth` is opened with `weights_only`, so it can hold tensors and nothing that acts. What the
file does not say (input size, tone, order of the classes) the caller has to; it is not guessed.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from xray.pipeline.checkpoint import FORMAT, CheckpointError, InputSpec, load_classifier
from xray.pipeline.network import CLASSES, KNOWN_CLASSES, NORMAL, TWO_CLASSES, classifier

NESTED_UNDER = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "params")
PREFIXES = ("module.", "_orig_mod.", "model.", "backbone.", "resnet.", "net.", "network.")
STEM = "conv1.weight"


@dataclass(frozen=True, slots=True)
class Given:
    """What the file cannot say. `classes` None: by the number of outputs (see `read_foreign`)."""

    px: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    classes: tuple[str, ...] | None = None


def is_own(path: Path) -> bool:
    """Whether this is a file of `xray_train`, which says all by itself."""
    if path.suffix.lower() != ".safetensors":
        return False
    try:
        with safe_open(path, framework="pt") as file:
            return (file.metadata() or {}).get("format") == FORMAT
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path.name} cannot be read: {error}") from error


def read_classifier(path: Path, given: Given) -> tuple[nn.Module, InputSpec]:
    """The network of any file that can be had. Raises CheckpointError."""
    return load_classifier(path) if is_own(path) else read_foreign(path, given)


def read_foreign(path: Path, given: Given) -> tuple[nn.Module, InputSpec]:
    """A torchvision-like ResNet-50 with one, two or three outputs. Raises CheckpointError.

    One output is the log odds of pneumonia; it becomes the second of two classes, whose first
    stays at zero: the same function. Two outputs are NORMAL and PNEUMONIA, three those of our
    own training, in the order of `given.classes` or, without it, in this order.
    """
    state = _plain(_tensors(path), path)
    weight, bias = _last_layer(state, path)
    classes = _classes(len(weight), given.classes, path)
    if len(weight) == 1:
        weight = torch.cat([torch.zeros_like(weight), weight])
        bias = torch.cat([torch.zeros_like(bias), bias])
    else:
        known = next(names for names in KNOWN_CLASSES if set(names) == set(classes))
        order = [classes.index(name) for name in known]
        weight, bias = weight[order], bias[order]
        classes = known
    network = classifier(len(classes))
    body = {name: tensor for name, tensor in state.items() if not name.startswith("fc.")}
    try:
        missing, unexpected = network.load_state_dict(
            {**body, "fc.weight": weight, "fc.bias": bias}, strict=False
        )
    except RuntimeError as error:
        raise CheckpointError(f"{path.name} is no ResNet-50: {error}") from error
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise CheckpointError(
            f"{path.name} is no ResNet-50: {len(missing)} tensors missing {missing[:3]},"
            f" {len(unexpected)} unknown {unexpected[:3]}"
        )
    if not all(bool(torch.isfinite(tensor).all()) for tensor in network.state_dict().values()):
        raise CheckpointError(f"{path.name} holds numbers that are not finite")
    return network.eval(), InputSpec(given.px, given.mean, given.std, classes=classes)


def _tensors(path: Path) -> dict[str, Tensor]:
    if path.suffix.lower() == ".safetensors":
        try:
            with safe_open(path, framework="pt") as file:
                return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise CheckpointError(f"{path.name} cannot be read: {error}") from error
    try:
        held: Any = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path.name} holds more than tensors, which could run code when it is opened. Save"
            " its state_dict() and import that."
        ) from error
    except (OSError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise CheckpointError(f"{path.name} cannot be read: {error}") from error
    found = _state_of(held)
    if found is None:
        raise CheckpointError(f"{path.name} holds no state_dict")
    return found


def _state_of(held: Any, depth: int = 2) -> dict[str, Tensor] | None:
    """The mapping of tensors, also under the names that training loops commonly use."""
    if not isinstance(held, Mapping):
        return None
    tensors = {str(name): item for name, item in held.items() if isinstance(item, Tensor)}
    if any(name.endswith(STEM) for name in tensors):
        return tensors
    for name in NESTED_UNDER if depth else ():
        found = _state_of(held.get(name), depth - 1)
        if found is not None:
            return found
    return None


def _plain(state: dict[str, Tensor], path: Path) -> dict[str, Tensor]:
    """Names without what wrappers put before them; tensors in float32."""
    stem = min((name for name in state if name.endswith(STEM)), key=len, default=None)
    if stem is None:
        raise CheckpointError(f"{path.name} is no ResNet-50: it has no {STEM}")
    prefix = stem.removesuffix(STEM)
    rest = prefix
    while rest:
        known = next((given for given in PREFIXES if rest.startswith(given)), None)
        if known is None:
            raise CheckpointError(f"{path.name}: its tensors begin with the unknown {prefix!r}")
        rest = rest.removeprefix(known)
    return {
        name.removeprefix(prefix): tensor.float()
        for name, tensor in state.items()
        if not name.endswith("num_batches_tracked")
    }


def _last_layer(state: dict[str, Tensor], path: Path) -> tuple[Tensor, Tensor]:
    """Weight and bias of `fc`, also where it is the one linear layer behind a dropout."""
    weights = sorted(name for name in state if name.startswith("fc.") and name.endswith(".weight"))
    if len(weights) != 1 or state[weights[0]].ndim != 2:
        raise CheckpointError(f"{path.name}: its head is not one linear layer called fc")
    weight = state[weights[0]]
    bias = state.get(weights[0].removesuffix("weight") + "bias")
    return weight, torch.zeros(len(weight)) if bias is None else bias


def _classes(outputs: int, given: tuple[str, ...] | None, path: Path) -> tuple[str, ...]:
    by_count = {1: TWO_CLASSES, len(TWO_CLASSES): TWO_CLASSES, len(CLASSES): CLASSES}
    if outputs not in by_count:
        raise CheckpointError(
            f"{path.name} has {outputs} outputs; this room reads one (pneumonia), two"
            f" ({', '.join(TWO_CLASSES)}) or three ({', '.join(CLASSES)})"
        )
    expected = by_count[outputs]
    if given is None or outputs == 1:
        return expected
    if set(given) != set(expected) or len(given) != len(expected):
        raise CheckpointError(
            f"{path.name} has {outputs} outputs: --classes names {', '.join(expected)} in the"
            f" file's order (the first is {expected[NORMAL]} by default)"
        )
    return given
