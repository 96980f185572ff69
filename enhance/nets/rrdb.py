"""RRDBNet, the generator of Real-ESRGAN (Wang et al. 2018, 2021)."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from enhance.nets.architecture import KERNEL, SCALE, TAIL_PIXELS, Rrdb
from enhance.nets.strips import in_strips

LEAKY_SLOPE = 0.2
RESIDUAL_SCALE = 0.2
# The edge of a strip spoils five rows of its result, less than two of its input.
TAIL_REACH = 2


def _convolution(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, KERNEL, padding=KERNEL // 2)


def _activate(features: torch.Tensor) -> torch.Tensor:
    """In place: a convolution's result has no other reader, and is the largest map there is."""
    return F.leaky_relu(features, LEAKY_SLOPE, inplace=True)


class DenseBlock(nn.Module):
    """Five convolutions, each of which sees the outputs of all before it."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.conv1 = _convolution(features, growth)
        self.conv2 = _convolution(features + growth, growth)
        self.conv3 = _convolution(features + 2 * growth, growth)
        self.conv4 = _convolution(features + 3 * growth, growth)
        self.conv5 = _convolution(features + 4 * growth, features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N x features x H x W in and out."""
        seen = [x]
        for convolution in (self.conv1, self.conv2, self.conv3, self.conv4):
            seen.append(_activate(convolution(torch.cat(seen, 1))))
        return torch.add(x, self.conv5(torch.cat(seen, 1)), alpha=RESIDUAL_SCALE)


class ResidualBlock(nn.Module):
    """Three dense blocks inside one residual."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.rdb1 = DenseBlock(features, growth)
        self.rdb2 = DenseBlock(features, growth)
        self.rdb3 = DenseBlock(features, growth)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N x features x H x W in and out."""
        return torch.add(x, self.rdb3(self.rdb2(self.rdb1(x))), alpha=RESIDUAL_SCALE)


class RrdbNet(nn.Module):
    """RGB in [0, 1], N x 3 x H x W, to N x 3 x sH x sW, s being the scale of the architecture."""

    def __init__(self, architecture: Rrdb) -> None:
        super().__init__()
        features, growth = architecture.features, architecture.growth
        self.fold, self.scale = architecture.fold, architecture.scale
        self.conv_first = _convolution(3 * self.fold**2, features)
        self.body = nn.Sequential(
            *(ResidualBlock(features, growth) for _ in range(architecture.blocks))
        )
        self.conv_body = _convolution(features, features)
        self.conv_up1 = _convolution(features, features)
        self.conv_up2 = _convolution(features, features)
        self.conv_hr = _convolution(features, features)
        self.conv_last = _convolution(features, 3)

    def forward(
        self, x: torch.Tensor, *, between: Callable[[], None] | None = None
    ) -> torch.Tensor:
        """One enlargement; values may leave [0, 1] slightly.

        `between` is called before each block and may raise to stop.
        """
        height, width = x.shape[2:]
        x = self._folded(x)
        first = features = self.conv_first(x)
        for block in self.body:
            if between is not None:
                between()
            features = block(features)
        features = first + self.conv_body(features)
        made = in_strips(
            self._enlarged,
            features,
            scale=SCALE,
            reach=TAIL_REACH,
            most_pixels=TAIL_PIXELS,
            between=between,
        )
        return made[..., : height * self.scale, : width * self.scale]

    def _enlarged(self, features: torch.Tensor) -> torch.Tensor:
        for enlarge in (self.conv_up1, self.conv_up2):
            doubled = F.interpolate(features, scale_factor=2, mode="nearest")
            features = _activate(enlarge(doubled))
        result: torch.Tensor = self.conv_last(_activate(self.conv_hr(features)))
        return result

    def _folded(self, x: torch.Tensor) -> torch.Tensor:
        """Squares of pixels as channels; a side that is no multiple repeats its last pixels."""
        if self.fold == 1:
            return x
        below, right = (-edge % self.fold for edge in x.shape[2:])
        if below or right:
            x = F.pad(x, (0, right, 0, below), mode="replicate")
        return F.pixel_unshuffle(x, self.fold)
