"""The gate as the worker runs it: cheap checks first, then the learned one; a refusal ends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from xray.ingest import quality
from xray.ingest.limits import quality_limits
from xray.networks import GATE

if TYPE_CHECKING:
    from project.inference.context import RunContext
    from xray.pipeline.preprocess import Film


# DICOM's words for a view from the side (PS3.3 C.8.11.5).
LATERAL_VIEWS = frozenset({"LL", "RL", "RLD", "LLD", "RLO", "LLO"})


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a film may be scored. `code` is empty for those that may."""

    code: str
    network: str = GATE
    network_version: str = ""
    score: float = 0.0
    """Of the learned gate, 0 to 1: how much the film is like an upright frontal chest film."""
    seen_as: str = ""
    repair: str = ""
    """A Correction that would make it one, where the gate can tell."""
    measures: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As the study keeps it."""
        return {
            "code": self.code,
            "score": round(self.score, 4),
            "seen_as": self.seen_as,
            "repair": self.repair,
            "measures": {name: round(value, 4) for name, value in self.measures.items()},
            "network": self.network_version,
        }


def examine(context: RunContext, film: Film, *, colour_distance: float, view: str = "") -> Verdict:
    """`view` is what a DICOM file said of itself: laterals are refused, none was learned from.

    Raises ModelUnavailable when the gate's weights are missing: nothing is scored ungated."""
    cheap = quality.judge(film, colour_distance, quality_limits())
    code = cheap.code or (quality.NOT_CHEST_XRAY if view in LATERAL_VIEWS else "")
    with context.model(GATE) as model:
        version = model.version
        if code:
            return Verdict(code=code, network_version=version, measures=dict(cheap.measures))
        from xray.pipeline import gate

        with context.device():
            learned = gate.judge(film, model.network)
    return Verdict(
        code=learned.code,
        network_version=version,
        score=learned.score,
        seen_as=learned.seen_as,
        repair=learned.repair,
        measures={**cheap.measures, **learned.measures},
        warnings=tuple(learned.warnings),
    )
