"""May this film be scored? The learned part of the gate, before the classifier sees anything.

The cheap checks of `xray.ingest.quality` come first. Here a small network says upright frontal
chest film, turned, inverted, or something else. When it refuses, the four corrections a person
could ask for are tried on the same small picture, so a repair is offered only where the repaired
film would be let in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from xray.pipeline.gate_network import (
    CLASSES,
    INVERTED,
    ROTATED,
    UPRIGHT,
    Gate,
    GateSpec,
    class_probabilities,
    load_gate,
    save_gate,
)
from xray.pipeline.preprocess import Film, frame

if TYPE_CHECKING:
    from project.inference.registry import ModelSpec

__all__ = [
    "Gate",
    "GateSpec",
    "GateVerdict",
    "corrected",
    "judge",
    "load",
    "load_gate",
    "save_gate",
]

NOT_CHEST_XRAY = "not_chest_xray"
INVERTED_OR_ROTATED = "inverted_or_rotated"
# The values of xray.choices.Correction; this package knows no Django.
REPAIRS = ("invert", "rotate_90", "rotate_180", "rotate_270")
NEAR_THRESHOLD = "gate_near_threshold"
# Let in with less than this share of the way from the threshold to certainty: worth a warning.
NEAR_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """`code` is empty when the film is let in, else a refusal code of the room."""

    code: str
    score: float
    """Probability of an upright frontal chest film, in [0, 1]."""
    seen_as: str
    """The most probable of the network's classes."""
    repair: str = ""
    """The one of `REPAIRS` after which the film would be let in; empty when none would do."""
    measures: dict[str, float] = field(default_factory=dict)
    """Probability by class, the threshold, and after a refusal the score after each repair."""
    warnings: list[str] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether the classifier may see the film."""
        return not self.code


def load(spec: ModelSpec, path: Path, device: str, dtype: str) -> Gate:
    """The loader of the model host. Stays in fp32 whatever `dtype`: it is small, and its threshold
    was chosen in fp32."""
    del spec, dtype
    return load_gate(path).to(device)


def judge(film: Film, gate: Gate) -> GateVerdict:
    """The verdict over a (height, width) float32 film in [0, 1], 0 black. Raises ValueError.

    The network takes about 1 ms of one core, all of it 4 ms (256 px) to 14 ms (2,000 px).
    """
    spec = gate.spec
    picture = torch.from_numpy(frame(film, spec.px).pixels)
    shares = class_probabilities(gate, picture[None])[0]
    score = float(shares[UPRIGHT])
    seen_as = int(shares.argmax())
    measures = dict(zip(CLASSES, shares.tolist(), strict=True)) | {"threshold": spec.threshold}
    if score >= spec.threshold:
        near = score < spec.threshold + NEAR_SHARE * (1 - spec.threshold)
        warnings = [NEAR_THRESHOLD] if near else []
        return GateVerdict("", score, CLASSES[seen_as], measures=measures, warnings=warnings)
    turned = torch.stack([corrected(picture, repair) for repair in REPAIRS])
    after = class_probabilities(gate, turned)[:, UPRIGHT]
    measures |= {
        f"score_{repair}": value for repair, value in zip(REPAIRS, after.tolist(), strict=True)
    }
    best = int(after.argmax())
    repair = REPAIRS[best] if float(after[best]) >= spec.threshold else ""
    amiss = seen_as in (ROTATED, INVERTED)
    code = INVERTED_OR_ROTATED if amiss else NOT_CHEST_XRAY
    return GateVerdict(code, score, CLASSES[seen_as], repair if amiss else "", measures)


def corrected(picture: Tensor, repair: str) -> Tensor:
    """A (height, width) picture in [0, 1] after one of `REPAIRS`; turns are clockwise."""
    if repair == "invert":
        return 1 - picture
    quarter_turns = {"rotate_90": 1, "rotate_180": 2, "rotate_270": 3}[repair]
    return torch.rot90(picture, -quarter_turns)
