"""The classifier's network: ResNet-50 (He et al. 2015, arXiv 1512.03385) over one grey picture."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchvision.models import resnet50

ARCHITECTURE = "resnet50"
CLASSES = ("NORMAL", "bacteria", "virus")
NORMAL = CLASSES.index("NORMAL")
# An imported classifier may not know the kinds of pneumonia. NORMAL is the first class of both.
TWO_CLASSES = ("NORMAL", "PNEUMONIA")
KNOWN_CLASSES = (CLASSES, TWO_CLASSES)

Tone = float | tuple[float, ...]
"""One number for all three channels, or one for each (imported classifiers)."""


def classifier(classes: int = len(CLASSES)) -> nn.Module:
    """A ResNet-50 with random weights that takes (n, 3, px, px) and gives (n, classes) logits."""
    network: nn.Module = resnet50(weights=None, num_classes=classes)
    return network


def as_input(pictures: Tensor, *, mean: Tone, std: Tone) -> Tensor:
    """(n, px, px) in [0, 1] as the (n, 3, px, px) input: one grey film in three channels."""
    if isinstance(mean, tuple) or isinstance(std, tuple):
        scaled = (pictures[:, None] - _by_channel(mean)) / _by_channel(std)
    else:
        scaled = ((pictures - mean) / std)[:, None]
    return scaled.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)


def _by_channel(tone: Tone) -> Tensor:
    return torch.tensor(tone if isinstance(tone, tuple) else (tone,)).view(1, -1, 1, 1)


def pneumonia_logit(logits: Tensor) -> Tensor:
    """log p(pneumonia) - log p(normal) of (n, classes) logits: all kinds of pneumonia together."""
    sick = [index for index in range(logits.shape[1]) if index != NORMAL]
    return torch.logsumexp(logits[:, sick], dim=1) - logits[:, NORMAL]


def virus_logit(logits: Tensor) -> Tensor:
    """log p(viral) - log p(bacterial), given pneumonia: the secondary research output."""
    return logits[:, CLASSES.index("virus")] - logits[:, CLASSES.index("bacteria")]
