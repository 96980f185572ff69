"""The classifier as it serves: scores and evidence of framed films, in shared batches.

Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391) needs no backward pass here: between the last
block and the logits lie only a mean and one linear layer, so the gradient of the pneumonia logit
is a mix of that layer's rows. `tests/xray/pipeline` holds it against autograd.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from xray.pipeline.checkpoint import InputSpec, load_classifier
from xray.pipeline.network import NORMAL, as_input, pneumonia_logit, virus_logit
from xray.pipeline.preprocess import Film

if TYPE_CHECKING:
    from project.inference.context import Model
    from project.inference.registry import ModelSpec


@dataclass(frozen=True, slots=True)
class Scores:
    """What the network says of one framed film. Logits are not calibrated."""

    pneumonia: float
    virus: float
    """log odds of viral against bacterial, given pneumonia: research output."""
    evidence: Film
    """(h, w) float32 of the last block: what raises the pneumonia logit is positive."""


class FilmClassifier(nn.Module):
    """ResNet-50 that also gives the Grad-CAM of its pneumonia logit."""

    def __init__(self, network: nn.Module, spec: InputSpec) -> None:
        super().__init__()
        self.network = network
        self.spec = spec

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 3, px, px) inputs as (n, 3) logits and (n, h, w) evidence."""
        features = self._features(inputs)
        last: nn.Linear = self.network.fc  # type: ignore[assignment]
        logits = last(features.mean((2, 3)))
        sick = [index for index in range(logits.shape[1]) if index != NORMAL]
        shares = torch.softmax(logits[:, sick], dim=1)
        weights = shares @ last.weight[sick] - last.weight[NORMAL]
        return logits, torch.einsum("nchw,nc->nhw", features, weights)

    def _features(self, inputs: Tensor) -> Tensor:
        for name, layer in self.network.named_children():
            if name == "avgpool":
                break
            inputs = layer(inputs)
        return inputs


def load(spec: ModelSpec, path: Path, device: str, dtype: str) -> FilmClassifier:
    """The loader of the model host: weights of `path` on `device` in `dtype`."""
    del spec
    network, input_spec = load_classifier(path)
    classifier = FilmClassifier(network, input_spec).eval()
    return classifier.to(device, getattr(torch, dtype))


def shape_bucket(payload: Film) -> Hashable:
    """Films of one size share a batch."""
    return payload.shape


def run_batch(model: Model, payloads: Sequence[Film]) -> list[Scores]:
    """Score framed films, each (px, px) float32 in [0, 1]; one result per film, in order."""
    return score(model.network, payloads, device=model.device, dtype=model.dtype)


def score(
    classifier: FilmClassifier, films: Sequence[Film], *, device: str, dtype: str
) -> list[Scores]:
    """As `run_batch`, for a classifier in hand."""
    stacked = torch.stack([torch.from_numpy(film) for film in films])
    spec = classifier.spec
    inputs = as_input(stacked, mean=spec.mean, std=spec.std).to(device, getattr(torch, dtype))
    with torch.inference_mode():
        logits, evidence = classifier(inputs)
    logits = logits.float().cpu()
    sick, viral = pneumonia_logit(logits).tolist(), virus_logit(logits).tolist()
    maps: Any = evidence.float().cpu().numpy()
    return [Scores(*row) for row in zip(sick, viral, maps, strict=True)]
