"""Turns the ncnn files of a known network into safetensors with the published key names."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from enhance.nets.architecture import Architecture
from enhance.nets.catalogue import ARCHITECTURES
from enhance.nets.ncnn_format import LayerWeights, NcnnFormatError, parse_param, read_weights

SOURCE_FOLDER = "source"


def ncnn_to_safetensors(files: Mapping[str, Path], target: Path) -> None:
    """Convert `<network>.param` and `<network>.bin` of a known network into `target`.

    The files themselves are kept in `source/` beside it, so that the result can be compared with
    the ncnn runtime at any time. Raises NcnnFormatError.
    """
    paths = {Path(name).suffix: path for name, path in files.items()}
    stems = {Path(name).stem for name in files}
    if set(paths) != {".param", ".bin"} or len(stems) != 1 or not stems <= set(ARCHITECTURES):
        raise NcnnFormatError(f"expected the .param and .bin of one network, got {sorted(files)}")
    target.write_bytes(
        convert_pair(
            param=paths[".param"].read_bytes(),
            weights=paths[".bin"].read_bytes(),
            architecture=ARCHITECTURES[stems.pop()],
        )
    )
    kept = target.parent / SOURCE_FOLDER
    kept.mkdir()
    for path in paths.values():
        shutil.copyfile(path, kept / path.name)


def convert_pair(*, param: bytes, weights: bytes, architecture: Architecture) -> bytes:
    """The content of a `.safetensors` file; the same input gives the same bytes.

    Raises NcnnFormatError when a file is damaged or holds another network.
    """
    try:
        text = param.decode("ascii")
    except UnicodeDecodeError:
        raise NcnnFormatError("the .param file is not plain text") from None
    return save(_named(read_weights(parse_param(text), weights), architecture))


def _named(
    found: Sequence[LayerWeights], architecture: Architecture
) -> dict[str, NDArray[np.float32]]:
    """Give each layer of the file the name of the module at the same place."""
    expected = list(architecture.layers())
    if len(found) != len(expected):
        raise NcnnFormatError(f"{len(found)} weighted layers found, {len(expected)} expected")
    state: dict[str, NDArray[np.float32]] = {}
    for layer, weights in zip(expected, found, strict=True):
        if weights.layer.type != layer.kind or weights.weight.shape != layer.shape:
            raise NcnnFormatError(
                f"{weights.layer.name} is a {weights.layer.type} of {weights.weight.shape}, "
                f"{layer.name} should be a {layer.kind} of {layer.shape}"
            )
        state[f"{layer.name}.weight"] = weights.weight
        if weights.bias is not None:
            state[f"{layer.name}.bias"] = weights.bias
        elif layer.kind == "Convolution":
            raise NcnnFormatError(f"{weights.layer.name} has no bias")
    return state
