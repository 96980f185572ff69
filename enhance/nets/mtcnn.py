"""The three networks of MTCNN (Zhang, Zhang, Li, Qiao 2016), as plain torch modules.

Names and shapes are those of the published weights. Inputs are RGB in [-1, 1], N x 3 x H x W. The
dense layers read their features with the width first, as they were trained.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

PROPOSAL_CELL, REFINE_SIDE, OUTPUT_SIDE = 12, 24, 48


def _convolutions(
    channels: tuple[int, ...], kernels: tuple[int, ...], pools: tuple[int, ...]
) -> dict[str, nn.Module]:
    """`convN`, `preluN` and, where its size is not 0, `poolN`, in the order in which they run."""
    layers: dict[str, nn.Module] = {}
    for number, ((inputs, outputs), kernel, pool) in enumerate(
        zip(pairwise(channels), kernels, pools, strict=True), start=1
    ):
        layers[f"conv{number}"] = nn.Conv2d(inputs, outputs, kernel)
        layers[f"prelu{number}"] = nn.PReLU(outputs)
        if pool:
            layers[f"pool{number}"] = nn.MaxPool2d(pool, 2, ceil_mode=True)
    return layers


class _Stage(nn.Module):
    """Layers that run one after the other, then heads that each read the last result."""

    def __init__(self, body: dict[str, nn.Module], heads: dict[str, nn.Module]) -> None:
        super().__init__()
        self._body, self._heads = tuple(body), tuple(heads)
        for name, layer in (body | heads).items():
            self.add_module(name, layer)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The probability of a face, then what the other heads say, in their order."""
        for name in self._body:
            layer = self.get_submodule(name)
            if isinstance(layer, nn.Linear) and pixels.dim() == 4:
                pixels = pixels.permute(0, 3, 2, 1).flatten(1)
            pixels = layer(pixels)
        probability, *others = (self.get_submodule(name)(pixels) for name in self._heads)
        return probability.softmax(1)[:, 1], *others


class Mtcnn(nn.Module):
    """All three: `proposal` finds windows anywhere, `refine` rejects, `output` adds five points.

    `proposal` gives N x h x w and N x 4 x h x w for cells of 12 pixels with stride 2; `refine`
    N and N x 4 for windows of 24 pixels; `output` N, N x 4 and N x 10 (five x, then five y) for
    windows of 48 pixels. Shifts and points are fractions of the window's side.
    """

    def __init__(self) -> None:
        super().__init__()
        self.proposal = _Stage(
            _convolutions((3, 10, 16, 32), (3, 3, 3), (2, 0, 0)),
            {"conv4_1": nn.Conv2d(32, 2, 1), "conv4_2": nn.Conv2d(32, 4, 1)},
        )
        self.refine = _Stage(
            _convolutions((3, 28, 48, 64), (3, 3, 2), (3, 3, 0))
            | {"dense4": nn.Linear(576, 128), "prelu4": nn.PReLU(128)},
            {"dense5_1": nn.Linear(128, 2), "dense5_2": nn.Linear(128, 4)},
        )
        self.output = _Stage(
            _convolutions((3, 32, 64, 64, 128), (3, 3, 3, 2), (3, 3, 2, 0))
            | {"dense5": nn.Linear(1152, 256), "prelu5": nn.PReLU(256)},
            {
                "dense6_1": nn.Linear(256, 2),
                "dense6_2": nn.Linear(256, 4),
                "dense6_3": nn.Linear(256, 10),
            },
        )
