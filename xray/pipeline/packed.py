"""The folded body on a processor: weights laid out once, sums and cuts inside the convolutions.

PyTorch hands each convolution to oneDNN, which wants the weights in an order of its own. Run
eagerly, a network re-orders all 47 MB of them for every film, and writes every intermediate
result twice more for the sum and the cut at zero. Here the order is made at the load, and oneDNN
adds and cuts while it convolves. These are the operators that `torch.compile` uses on processors;
called directly they need no C++ compiler on the server.

The order that oneDNN wants depends on the number of threads: weights laid out for two are re-ordered
for each film when one thread runs, which costs more than packing gains. `PackedBody` therefore
lays them out again when it is run with another number.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torchvision.models.resnet import Bottleneck

from xray.pipeline.folding import blocks_of
from xray.pipeline.form import EXACT_LAYER

Size = tuple[int, int, int]
"""Channels, height, width."""


def can_pack(dtype: torch.dtype) -> bool:
    """Whether this processor and this build of torch can run `PackedBody` in `dtype`."""
    operators = torch.ops.mkldnn
    has_onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if not has_onednn or not hasattr(operators, "_convolution_pointwise_"):
        return False
    if dtype == torch.bfloat16:
        return bool(operators._is_mkldnn_bf16_supported())
    return dtype == torch.float32


class PackedConvolution(nn.Module):
    """One convolution whose weights lie as oneDNN wants them; its input is channels-last."""

    packed: Tensor
    bias: Tensor

    def __init__(self, source: nn.Conv2d, size: Size, dtype: torch.dtype, *, cut: bool) -> None:
        super().__init__()
        if not isinstance(source.padding, tuple) or source.bias is None:
            raise ValueError("a folded convolution has numbers for its padding and a bias")
        self._shape = (source.padding, source.stride, source.dilation, source.groups)
        self._cut = "relu" if cut else "none"
        self._size = size
        packed = self._in_order(source.weight.detach().to("cpu", dtype))
        self.register_buffer("packed", packed, persistent=False)
        self.register_buffer("bias", source.bias.detach().to("cpu", dtype), persistent=False)

    def pack_again(self) -> None:
        """Lay the weights out for the number of threads that torch has now."""
        self.packed = self._in_order(self.packed.to_dense())

    def _in_order(self, weight: Tensor) -> Tensor:
        order: Any = torch._C._nn.mkldnn_reorder_conv2d_weight
        packed: Tensor = order(weight.to_mkldnn(), *self._shape, (1, *self._size))
        return packed

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, c, h, w) to the convolution's own shape."""
        result: Tensor = torch.ops.mkldnn._convolution_pointwise(
            inputs, self.packed, self.bias, *self._shape, self._cut, [], ""
        )
        return result

    def add_into(self, inputs: Tensor, other: Tensor) -> Tensor:
        """max(0, other + convolution), written over `other`."""
        result: Tensor = torch.ops.mkldnn._convolution_pointwise_(
            other, inputs, self.packed, self.bias, *self._shape, "add", 1.0, "relu", [], ""
        )
        return result

    def _apply(self, fn: Any, recurse: bool = True) -> PackedConvolution:  # noqa: FBT001,FBT002
        """What is packed stays where and as it is: another layout or format would unpack it."""
        del fn, recurse
        return self


class PackedBottleneck(nn.Module):
    """Three convolutions and the way around them."""

    def __init__(self, block: Bottleneck, size: Size, dtype: torch.dtype) -> None:
        super().__init__()
        self.first = PackedConvolution(block.conv1, size, dtype, cut=True)
        narrow = after(block.conv1, size)
        self.second = PackedConvolution(block.conv2, narrow, dtype, cut=True)
        self.third = PackedConvolution(block.conv3, after(block.conv2, narrow), dtype, cut=False)
        self.around = (
            None
            if block.downsample is None
            else PackedConvolution(block.downsample[0], size, dtype, cut=False)
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """May write over `inputs`."""
        other = inputs if self.around is None else self.around(inputs)
        return self.third.add_into(self.second(self.first(inputs)), other)


class PackedBody(nn.Module):
    """As `folding.folded_body`, for square float32 inputs of `px` on a processor.

    In bfloat16 the stem and the first stage stay in float32: what is rounded there is carried
    through everything behind it, and they are a fifth of the multiplications.
    """

    def __init__(self, folded: nn.Sequential, px: int, dtype: torch.dtype) -> None:
        super().__init__()
        self._threads = torch.get_num_threads()
        self._dtype = dtype
        stem = cast("nn.Conv2d", folded.conv1)
        size: Size = (stem.in_channels, px, px)
        self.stem = PackedConvolution(stem, size, torch.float32, cut=True)
        self.pool = cast("nn.MaxPool2d", folded.maxpool)
        channels, side, _ = after(stem, size)
        side = _pooled(self.pool, side)
        size = (channels, side, side)
        early, late = [], []
        exact = list(folded.get_submodule(EXACT_LAYER).children())
        for block in blocks_of(folded):
            if block in exact:
                early.append(PackedBottleneck(block, size, torch.float32))
            else:
                late.append(PackedBottleneck(block, size, dtype))
            size = after(block.conv3, after(block.conv2, after(block.conv1, size)))
        self.early, self.late = nn.Sequential(*early), nn.Sequential(*late)

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, 3, px, px) float32 to (n, 2048, h, w) in the format of the body."""
        threads = torch.get_num_threads()
        if threads != self._threads:
            for layer in self.modules():
                if isinstance(layer, PackedConvolution):
                    layer.pack_again()
            self._threads = threads
        exact: Tensor = self.early(self.pool(self.stem(inputs)))
        features: Tensor = self.late(exact.to(self._dtype))
        return features


def after(convolution: nn.Conv2d, size: Size) -> Size:
    """The size that a convolution makes of a picture of `size`."""
    padding: Any = convolution.padding  # numbers, in this network
    steps = zip(
        size[1:],
        padding,
        convolution.dilation,
        convolution.kernel_size,
        convolution.stride,
        strict=True,
    )
    height, width = (
        int((side + 2 * edge - dilation * (kernel - 1) - 1) // stride + 1)
        for side, edge, dilation, kernel, stride in steps
    )
    return convolution.out_channels, height, width


def _pooled(pool: nn.MaxPool2d, side: int) -> int:
    sizes: Any = (pool.padding, pool.kernel_size, pool.stride)  # numbers, in this network
    padding, kernel, stride = sizes
    return int((side + 2 * padding - kernel) // stride + 1)
