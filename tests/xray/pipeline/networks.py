"""Films that are drawn and a classifier with seeded random weights that behaves like a trained one.

Fresh random weights would let the features explode from block to block. Here the statistics of
every normalisation are those of the drawn films, and the last layer gives logits of a trained
network's size, so that rounding shows as it does in service.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import nn

from tests.xray.factories import draw_film
from xray.pipeline.checkpoint import InputSpec
from xray.pipeline.network import CLASSES, as_input, classifier, pneumonia_logit
from xray.pipeline.preprocess import frame

PX = 64
SPEC = InputSpec(PX, 0.5, 0.25)
SPREAD = 2.0


def drawn_films(count: int, px: int = PX, seed: int = 5) -> list[np.ndarray]:
    """Framed films with a bright patch somewhere, each (px, px) float32."""
    random = np.random.default_rng(seed)
    films = []
    for _ in range(count):
        film = draw_film()
        height, width = film.shape
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        row, column, size = (
            random.uniform(0.3, 0.7),
            random.uniform(0.2, 0.8),
            random.uniform(0.05, 0.2),
        )
        patch = np.exp(-(((y / height - row) / size) ** 2 + ((x / width - column) / size) ** 2))
        noise = random.normal(0, 0.02, film.shape)
        changed = film + random.uniform(0, 0.5) * patch + noise
        films.append(frame(np.clip(changed, 0, 1).astype(np.float32), px).pixels)
    return films


@cache
def _state(classes: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(3)
    network = classifier(classes)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = None  # the plain mean over what it is shown
    films = torch.stack([torch.from_numpy(film) for film in drawn_films(16, seed=1)])
    inputs = as_input(films, mean=SPEC.mean, std=SPEC.std)
    last: nn.Linear = network.fc
    with torch.no_grad():
        network.train()(inputs)
        logits = pneumonia_logit(network.eval()(inputs))
        scale = SPREAD / logits.std()
        last.weight *= scale
        last.bias *= scale
        logits = pneumonia_logit(network(inputs))
        last.bias[1:] -= logits.mean()
    return network.state_dict()


def seeded_network(classes: int = len(CLASSES)) -> nn.Module:
    """A new copy, in eval mode."""
    network = classifier(classes)
    network.load_state_dict(_state(classes))
    return network.eval()
