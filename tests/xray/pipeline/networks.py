"""Films that are drawn and a classifier with seeded random weights that behaves like a trained one.

Fresh random weights would let the features explode from block to block. Here each block adds a
little to what it gets, the statistics of every normalisation are those of the drawn films, and the
last layer points from the films without a bright patch to those with one. So the score rests on large differences of the features, and rounding shows as it does in service.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import torch
from torch import nn
from torchvision.models.resnet import Bottleneck

from tests.xray.factories import draw_film
from xray.pipeline.checkpoint import InputSpec
from xray.pipeline.folding import body_of
from xray.pipeline.network import CLASSES, TWO_CLASSES, as_input, classifier
from xray.pipeline.preprocess import frame

PX = 64
SPEC = InputSpec(PX, 0.5, 0.25)
LOGIT, BRANCH = 1.0, 0.3


def drawn_films(count: int, px: int = PX, seed: int = 5) -> list[np.ndarray]:
    """Framed films, each (px, px) float32; every second one has a bright patch in a lung."""
    random = np.random.default_rng(seed)
    films = []
    for number in range(count):
        film = draw_film()
        height, width = film.shape
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        row, column = random.uniform(0.3, 0.7), random.choice([0.28, 0.72])
        size = random.uniform(0.08, 0.16)
        patch = np.exp(-(((y / height - row) / size) ** 2 + ((x / width - column) / size) ** 2))
        noise = random.normal(0, 0.02, film.shape)
        changed = film + (0.6 * patch if number % 2 else 0) + noise
        films.append(frame(np.clip(changed, 0, 1).astype(np.float32), px).pixels)
    return films


@cache
def _state(classes: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(3)
    network = classifier(classes)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = None  # the plain mean over what it is shown
        if isinstance(layer, Bottleneck):
            nn.init.constant_(layer.bn3.weight, BRANCH)
    films = torch.stack([torch.from_numpy(film) for film in drawn_films(24, seed=1)])
    inputs = as_input(films, mean=SPEC.mean, std=SPEC.std)
    last: nn.Linear = network.fc
    with torch.no_grad():
        network.train()(inputs)
        features = body_of(network.eval())(inputs).mean((2, 3))
        well, sick = features[::2].mean(0), features[1::2].mean(0)
        direction = (sick - well) * 2 * LOGIT / (sick - well).square().sum()
        last.weight.zero_()
        last.bias.zero_()
        last.weight[1:] = direction
        last.bias[1:] = -((well + sick) / 2 @ direction) - math.log(classes - 1)
        if classes > len(TWO_CLASSES):  # two kinds of pneumonia, to be told apart somehow
            last.weight[2] += 0.2 * direction.roll(1)
    return network.state_dict()


def seeded_network(classes: int = len(CLASSES)) -> nn.Module:
    """A new copy, in eval mode."""
    network = classifier(classes)
    network.load_state_dict(_state(classes))
    return network.eval()
