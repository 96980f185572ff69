"""A ResNet-50 for serving: the normalisation disappears into the convolutions before it.

In eval mode a batch normalisation is one scale and one shift for each channel, so it can be
multiplied into the weights of its convolution (Markus 2018; `torch.nn.utils.fusion`). The
function stays the same up to rounding in float32; fifty-three passes over the features go.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import cast

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models.resnet import Bottleneck

BLOCK_LAYERS = ("layer1", "layer2", "layer3", "layer4")
_PAIRS = (("conv1", "bn1"), ("conv2", "bn2"), ("conv3", "bn3"))


def body_of(network: nn.Module) -> nn.Sequential:
    """What lies before the mean over places: (n, 3, px, px) to (n, 2048, h, w).

    The layers are those of `network`, not copies.
    """
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    for name, layer in network.named_children():
        if name == "avgpool":
            return nn.Sequential(parts)
        parts[name] = layer
    raise ValueError("the network has no average over places")


def folded_body(network: nn.Module) -> nn.Sequential:
    """A copy of `body_of` in eval mode without a normalisation of its own."""
    body = body_of(copy.deepcopy(network).eval())
    body.conv1 = _fold(body.get_submodule("conv1"), body.get_submodule("bn1"))
    body.bn1 = nn.Identity()
    for block in blocks_of(body):
        for convolution, normalisation in _PAIRS:
            folded = _fold(getattr(block, convolution), getattr(block, normalisation))
            setattr(block, convolution, folded)
            setattr(block, normalisation, nn.Identity())
        if block.downsample is not None:
            block.downsample = nn.Sequential(_fold(block.downsample[0], block.downsample[1]))
    return body


def blocks_of(body: nn.Sequential) -> list[Bottleneck]:
    """The sixteen bottlenecks, first to last."""
    return [cast("Bottleneck", block) for name in BLOCK_LAYERS for block in getattr(body, name)]


def _fold(convolution: nn.Module, normalisation: nn.Module) -> nn.Conv2d:
    return fuse_conv_bn_eval(cast("nn.Conv2d", convolution), cast("nn.BatchNorm2d", normalisation))
