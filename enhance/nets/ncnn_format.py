"""Reads the ncnn pair `.param` + `.bin` of a feed-forward network, without ncnn.

`.param` is text: a magic number, the two counts, then one layer a line. `.bin` holds the
weights of the layers in that order, without any index: the only proof that both files were
understood is that reading ends exactly at the last byte.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PARAM_MAGIC = "7767517"
FLAG_FLOAT16 = 0x01306B47
FLAG_FLOAT32 = 0
ALIGNMENT = 4


class NcnnFormatError(ValueError):
    """The files are damaged, or use a layer or an encoding that this reader does not know."""


@dataclass(frozen=True, kw_only=True)
class NcnnLayer:
    """One line of the `.param` file."""

    type: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parameters: dict[int, str]

    def integer(self, key: int, default: int | None = None) -> int:
        """Parameter `key` as a number; NcnnFormatError when it is missing or is none."""
        text = self.parameters.get(key)
        if text is None and default is not None:
            return default
        try:
            return int(text or "")
        except ValueError:
            raise NcnnFormatError(f"layer {self.name}: parameter {key} is {text!r}") from None


@dataclass(frozen=True, kw_only=True)
class LayerWeights:
    """The arrays of one layer, as float32."""

    layer: NcnnLayer
    weight: NDArray[np.float32]
    bias: NDArray[np.float32] | None


def parse_param(text: str) -> list[NcnnLayer]:
    """The layers of a `.param` file in order. Raises NcnnFormatError."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != [PARAM_MAGIC]:
        raise NcnnFormatError(f"the .param file does not start with {PARAM_MAGIC}")
    if len(lines) < 2 or len(lines[1]) != 2 or not lines[1][0].isdigit():
        raise NcnnFormatError("the second line of the .param file must hold two counts")
    layers = [_parse_layer(words) for words in lines[2:]]
    if len(layers) != int(lines[1][0]):
        raise NcnnFormatError(f"{lines[1][0]} layers are announced, {len(layers)} are listed")
    return layers


def _parse_layer(words: list[str]) -> NcnnLayer:
    try:
        inputs, outputs = int(words[2]), int(words[3])
        pairs = (word.split("=", 1) for word in words[4 + inputs + outputs :])
        return NcnnLayer(
            type=words[0],
            name=words[1],
            inputs=tuple(words[4 : 4 + inputs]),
            outputs=tuple(words[4 + inputs : 4 + inputs + outputs]),
            parameters={int(key): value for key, value in pairs},
        )
    except (IndexError, ValueError):
        raise NcnnFormatError(f"cannot read the layer {' '.join(words)!r}") from None


class _Reader:
    """A cursor over the `.bin` file that refuses to read past its end."""

    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)
        self._position = 0

    @property
    def remaining(self) -> int:
        return len(self._content) - self._position

    def take(self, layer: str, dtype: str, count: int) -> NDArray[np.generic]:
        size = np.dtype(dtype).itemsize * count
        padded = -(-size // ALIGNMENT) * ALIGNMENT
        if padded > self.remaining:
            raise NcnnFormatError(f"layer {layer} needs {padded} bytes, {self.remaining} are left")
        piece = self._content[self._position : self._position + size]
        self._position += padded
        return np.frombuffer(piece, dtype)


def read_weights(layers: Iterable[NcnnLayer], content: bytes) -> list[LayerWeights]:
    """The weights of every Convolution and PReLU, in order. Raises NcnnFormatError."""
    reader = _Reader(content)
    weights: list[LayerWeights] = []
    for layer in layers:
        if layer.type == "Convolution":
            weights.append(_read_convolution(reader, layer))
        elif layer.type == "PReLU":
            slopes = reader.take(layer.name, "<f4", layer.integer(0)).astype(np.float32)
            weights.append(LayerWeights(layer=layer, weight=slopes, bias=None))
        elif layer.type not in _WITHOUT_WEIGHTS:
            raise NcnnFormatError(f"layer {layer.name} has the unknown type {layer.type}")
    if reader.remaining:
        raise NcnnFormatError(f"{reader.remaining} bytes are left after the last layer")
    return weights


_WITHOUT_WEIGHTS = frozenset(
    {"BinaryOp", "Concat", "Eltwise", "Input", "Interp", "PixelShuffle", "ReLU", "Split"}
)


def _read_convolution(reader: _Reader, layer: NcnnLayer) -> LayerWeights:
    outputs, width = layer.integer(0), layer.integer(1)
    height, size = layer.integer(11, width), layer.integer(6)
    if min(outputs, width, height, size) < 1 or size % (outputs * height * width):
        raise NcnnFormatError(f"layer {layer.name} has an impossible shape")
    flag = int(reader.take(layer.name, "<u4", 1)[0])
    if flag not in (FLAG_FLOAT16, FLAG_FLOAT32):
        raise NcnnFormatError(f"layer {layer.name} uses the unknown weight encoding {flag:#x}")
    stored = reader.take(layer.name, "<f2" if flag == FLAG_FLOAT16 else "<f4", size)
    bias = (
        reader.take(layer.name, "<f4", outputs).astype(np.float32) if layer.integer(5, 0) else None
    )
    shape = (outputs, size // (outputs * height * width), height, width)
    return LayerWeights(layer=layer, weight=stored.astype(np.float32).reshape(shape), bias=bias)
