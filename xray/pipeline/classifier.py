"""The classifier as it serves: scores and evidence of framed films, in shared batches.

Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391) needs no backward pass here: between the last
block and the logits lie only a mean and one linear layer, so the gradient of the pneumonia logit
is a mix of that layer's rows. `tests/xray/pipeline` holds it against autograd.
"""

from __future__ import annotations

import logging
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from xray.pipeline.checkpoint import InputSpec, load_classifier
from xray.pipeline.folding import body_of, folded_body
from xray.pipeline.network import CLASSES, NORMAL, as_input, pneumonia_logit, virus_logit
from xray.pipeline.packed import PackedBody, can_pack
from xray.pipeline.preprocess import Film

if TYPE_CHECKING:
    from project.inference.context import Model
    from project.inference.registry import ModelSpec

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scores:
    """What the network says of one framed film. Logits are not calibrated."""

    pneumonia: float
    virus: float | None
    """log odds of viral against bacterial, given pneumonia: research output, if it is known."""
    evidence: Film
    """(h, w) float32 of the last block: what raises the pneumonia logit is positive."""


class FilmClassifier(nn.Module):
    """ResNet-50 that also gives the Grad-CAM of its pneumonia logit.

    `body` may stand in for the network's own convolutions and takes inputs of `dtype`; the last
    layer always works in float32, so a lower precision rounds the features and nothing after them.
    """

    def __init__(
        self,
        network: nn.Module,
        spec: InputSpec,
        *,
        body: nn.Module | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.dtype = dtype
        self.body = body_of(network) if body is None else body
        self.last: nn.Linear = network.fc  # type: ignore[assignment]
        self.spec = spec

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 3, px, px) inputs as (n, classes) logits and (n, h, w) evidence, both float32."""
        features = self.body(inputs.to(self.dtype)).float()
        logits = self.last(features.mean((2, 3)))
        sick = [index for index in range(logits.shape[1]) if index != NORMAL]
        shares = torch.softmax(logits[:, sick], dim=1)
        weights = shares @ self.last.weight[sick] - self.last.weight[NORMAL]
        return logits, torch.einsum("nchw,nc->nhw", features, weights)


def load(spec: ModelSpec, path: Path, device: str, dtype: str) -> FilmClassifier:
    """The loader of the model host: weights of `path` on `device` in `dtype`, ready to serve."""
    del spec
    network, input_spec = load_classifier(path)
    return for_serving(network, input_spec, device=device, dtype=dtype)


def for_serving(network: nn.Module, spec: InputSpec, *, device: str, dtype: str) -> FilmClassifier:
    """The same classifier with its normalisation folded and, on a processor, its weights packed.

    `network` is left as it is, but for its last layer, which moves to `device`.
    """
    wanted = getattr(torch, dtype)
    folded = folded_body(network)
    if device == "cpu" and can_pack(wanted):
        packed = PackedBody(folded, spec.px, wanted)
        classifier = FilmClassifier(network, spec, body=packed)
    else:
        if device == "cpu":
            logger.warning("oneDNN cannot pack %s here; the classifier runs eagerly", dtype)
        body = folded.to(device, wanted, memory_format=torch.channels_last)  # type: ignore[call-overload]
        classifier = FilmClassifier(network, spec, body=body, dtype=wanted)
    classifier.eval()
    classifier.last.to(device)
    return classifier


def shape_bucket(payload: Film) -> Hashable:
    """Films of one size share a batch."""
    return payload.shape


def run_batch(model: Model, payloads: Sequence[Film]) -> list[Scores]:
    """Score framed films, each (px, px) float32 in [0, 1]; one result per film, in order."""
    return score(model.network, payloads, device=model.device)


def score(classifier: FilmClassifier, films: Sequence[Film], *, device: str) -> list[Scores]:
    """As `run_batch`, for a classifier in hand."""
    stacked = torch.stack([torch.from_numpy(film) for film in films])
    spec = classifier.spec
    inputs = as_input(stacked, mean=spec.mean, std=spec.std).to(device)
    with torch.inference_mode():
        logits, evidence = classifier(inputs)
    logits = logits.float().cpu()
    sick = pneumonia_logit(logits).tolist()
    viral = virus_logit(logits).tolist() if spec.classes == CLASSES else [None] * len(sick)
    maps: Any = evidence.float().cpu().numpy()
    return [Scores(*row) for row in zip(sick, viral, maps, strict=True)]
