"""Checkpoints of other people: read without running anything that is in them.

Imports torch: in the worker, and in `manage.py models pull`, only.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from enhance.nets.catalogue import ARCHITECTURES

# Under which the weights of published checkpoints lie, the averaged ones first.
WRAPPERS = ("params_ema", "params", "state_dict", "model")
SAFETENSORS = ".safetensors"
# Two names may share their numbers. More than this is no network: a few bytes that claim to be
# gigabytes, which the first copy would really take.
MOST_SHARED = 2


class UnsafeCheckpoint(ValueError):
    """The file holds something other than tensors, or cannot be read at all."""


def read_state(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a `.safetensors` file or of a `.pth` file by name, on the CPU.

    A pickle is read by torch's own reader of plain tensors, which calls nothing that the file
    names. Raises UnsafeCheckpoint.
    """
    try:
        if path.suffix == SAFETENSORS:
            loaded: object = load_file(path)
        else:
            loaded = torch.load(path, map_location="cpu", weights_only=True)
    except (
        pickle.UnpicklingError,
        SafetensorError,
        RuntimeError,
        EOFError,
        ValueError,
        KeyError,
    ) as error:
        raise UnsafeCheckpoint(str(error).partition("\n")[0]) from error
    state = _tensors(loaded)
    claimed = sum(value.numel() * value.element_size() for value in state.values())
    if claimed > MOST_SHARED * path.stat().st_size:
        raise UnsafeCheckpoint(f"the tensors claim {claimed} bytes, far more than the file has")
    return state


def _tensors(loaded: object) -> dict[str, torch.Tensor]:
    state = loaded
    for name in WRAPPERS:
        if isinstance(state, Mapping) and isinstance(state.get(name), Mapping):
            state = state[name]
            break
    if not isinstance(state, Mapping) or not state:
        raise UnsafeCheckpoint("the file holds no named tensors")
    wrong = [name for name, value in state.items() if not isinstance(value, torch.Tensor)]
    if wrong:
        raise UnsafeCheckpoint(f"{wrong[0]} is no tensor")
    return {str(name): value for name, value in state.items()}


def write_state(state: Mapping[str, torch.Tensor], target: Path) -> None:
    """As safetensors: from here on nothing is unpickled again."""
    save_file({name: value.contiguous().clone() for name, value in state.items()}, target)


def pth_to_safetensors(files: Mapping[str, Path], target: Path) -> None:
    """Convert the `.pth` of one known network (`<network>.pth`) into `target`.

    Raises UnsafeCheckpoint when it holds anything but the tensors of that network.
    """
    (path,) = files.values()
    expected = {
        f"{layer.name}.{kind}"
        for layer in ARCHITECTURES[path.stem].layers()
        for kind in (("weight", "bias") if layer.kind == "Convolution" else ("weight",))
    }
    state = read_state(path)
    if set(state) != expected:
        wrong = sorted(set(state) ^ expected)
        raise UnsafeCheckpoint(f"{path.name} is another network: {', '.join(wrong[:3])}")
    write_state(state, target)
