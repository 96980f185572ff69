"""The shapes of the networks, without torch: plan, converter and networks agree on them here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

LayerKind = Literal["Convolution", "PReLU"]

KERNEL = 3
SCALE = 4
# The end of an Rrdb runs in strips of about this many pixels of its features.
TAIL_PIXELS = 2**16


@dataclass(frozen=True)
class WeightedLayer:
    """One layer that owns weights: its state-dict prefix and the shape of `weight`."""

    kind: LayerKind
    name: str
    shape: tuple[int, ...]


def _convolution(name: str, inputs: int, outputs: int) -> WeightedLayer:
    return WeightedLayer("Convolution", name, (outputs, inputs, KERNEL, KERNEL))


@dataclass(frozen=True, kw_only=True)
class Rrdb:
    """Residual-in-residual dense blocks (Real-ESRGAN x4plus: 23 blocks, 64 features, growth 32).

    With `scale` 2 (x2plus) the same layers see squares of 2 x 2 pixels as channels.
    """

    blocks: int = 23
    features: int = 64
    growth: int = 32
    scale: int = SCALE

    @property
    def fold(self) -> int:
        """The side of the square of pixels that the first layer sees as channels."""
        return SCALE // self.scale

    def layers(self) -> Iterator[WeightedLayer]:
        """Every layer with weights, in the order of the modules and of the ncnn file."""
        yield _convolution("conv_first", 3 * self.fold**2, self.features)
        for block in range(self.blocks):
            for dense in (1, 2, 3):
                for index in range(5):
                    yield _convolution(
                        f"body.{block}.rdb{dense}.conv{index + 1}",
                        self.features + index * self.growth,
                        self.growth if index < 4 else self.features,
                    )
        for name in ("conv_body", "conv_up1", "conv_up2", "conv_hr"):
            yield _convolution(name, self.features, self.features)
        yield _convolution("conv_last", self.features, 3)


@dataclass(frozen=True, kw_only=True)
class Srvgg:
    """A plain stack of convolutions with pixel shuffle (animevideov3: 16 inner convolutions,
    general-x4v3: 32)."""

    convolutions: int = 16
    features: int = 64

    @property
    def scale(self) -> int:
        """Times each side."""
        return SCALE

    @property
    def receptive_radius(self) -> int:
        """Input pixels that one output pixel can see on each side: one per convolution."""
        return self.convolutions + 2

    def layers(self) -> Iterator[WeightedLayer]:
        """Every layer with weights, in the order of the modules and of the ncnn file."""
        yield _convolution("body.0", 3, self.features)
        for index in range(self.convolutions):
            yield WeightedLayer("PReLU", f"body.{2 * index + 1}", (self.features,))
            yield _convolution(f"body.{2 * index + 2}", self.features, self.features)
        yield WeightedLayer("PReLU", f"body.{2 * self.convolutions + 1}", (self.features,))
        yield _convolution(f"body.{2 * self.convolutions + 2}", self.features, 3 * SCALE**2)


Architecture = Rrdb | Srvgg
