"""A dense block with the same numbers and fewer, wider convolutions: for GPUs.

A dense block runs five convolutions, each over all features so far: 32 outputs at a time keep a
GPU's matrix units mostly idle, and every concatenation copies what is there already. The same sum,
ordered by its inputs: each feature map is convolved once with the weights of all later layers
(192, 160, 128, 96 and 64 outputs), and a layer adds its slices. The work is the same.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

from enhance.nets.architecture import KERNEL
from enhance.nets.rrdb import LEAKY_SLOPE, RESIDUAL_SCALE, DenseBlock, RrdbNet
from enhance.nets.slice_sum import activated_sum, residual_sum


class WideDenseBlock(nn.Module):
    """Computes what `DenseBlock` computes, from a copy of its weights."""

    def __init__(self, block: DenseBlock) -> None:
        super().__init__()
        layers = [block.conv1, block.conv2, block.conv3, block.conv4, block.conv5]
        self.growth = block.conv1.out_channels
        # Inputs of layer k: the block's own features, then one map of each layer before it.
        edges = [0, *(layer.in_channels for layer in layers)]
        self.spreads = nn.ModuleList(
            _spread(layers[index:], low, high, bias=index == 0)
            for index, (low, high) in enumerate(pairwise(edges))
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N x features x H x W in and out."""
        parts = [self.spreads[0](x)]
        for spread in list(self.spreads)[1:]:
            parts.append(spread(activated_sum(parts, self._offsets(parts), self.growth, slope=LEAKY_SLOPE)))  # fmt: skip
        return residual_sum(parts, self._offsets(parts), x, scale=RESIDUAL_SCALE)

    def _offsets(self, parts: list[torch.Tensor]) -> list[int]:
        """Where each part keeps its share of the next layer: an older part has one layer more
        before it."""
        return [self.growth * (len(parts) - 1 - index) for index in range(len(parts))]


def _spread(layers: list[nn.Conv2d], low: int, high: int, *, bias: bool) -> nn.Conv2d:
    """Inputs `low:high` of every one of `layers`, as one convolution with all their outputs."""
    weight = torch.cat([layer.weight[:, low:high] for layer in layers])
    made = nn.Conv2d(high - low, len(weight), KERNEL, padding=KERNEL // 2, bias=bias, device="meta")
    made.weight = nn.Parameter(weight.detach(), requires_grad=False)
    if bias:
        joined = torch.cat([layer.bias for layer in layers if layer.bias is not None])
        made.bias = nn.Parameter(joined.detach(), requires_grad=False)
    return made


def widen(network: RrdbNet) -> RrdbNet:
    """The same network with every dense block exchanged, in place."""
    for block in network.body:
        for name in ("rdb1", "rdb2", "rdb3"):
            setattr(block, name, WideDenseBlock(getattr(block, name)))
    return network
