"""SRVGGNetCompact, the small generator behind `realesr-animevideov3`."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from enhance.nets.architecture import KERNEL, SCALE, Srvgg


class SrvggNet(nn.Module):
    """RGB in [0, 1], N x 3 x H x W, to N x 3 x 4H x 4W: a learnt residual over nearest."""

    def __init__(self, architecture: Srvgg) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for layer in architecture.layers():
            if layer.kind == "PReLU":
                layers.append(nn.PReLU(layer.shape[0]))
            else:
                outputs, inputs = layer.shape[:2]
                layers.append(nn.Conv2d(inputs, outputs, KERNEL, padding=KERNEL // 2))
        self.body = nn.Sequential(*layers)

    def forward(
        self, x: torch.Tensor, *, between: Callable[[], None] | None = None
    ) -> torch.Tensor:
        """One enlargement by four; values may leave [0, 1] slightly.

        `between` is called before each layer and may raise to stop.
        """
        base = F.interpolate(x, scale_factor=SCALE, mode="nearest")
        for layer in self.body:
            if between is not None:
                between()
            x = layer(x)
        return F.pixel_shuffle(x, SCALE) + base
