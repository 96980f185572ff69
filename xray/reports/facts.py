"""The fact sheet: the only thing that both report writers, and the verifier, know of a study.

It is built once from the predictions and frozen. Probabilities are rounded here, to three
decimals, and nowhere else: every text and every export shows these very figures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from xray.labels import Region, Side

BandName = Literal["below", "borderline", "above"]
DECIMALS = 3
BORDERLINE = 0.05


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One label with its calibrated figures."""

    id: str
    """`F1`, `F2` ...: sentences and pages point to it."""
    label: str
    """A key of xray.labels.LABELS."""
    probability: float
    operating_point: float
    point_name: str
    band: BandName
    interval: tuple[float, float]
    region: Region = Region.UNSPECIFIED
    side: Side = Side.UNSPECIFIED
    inside_share: float | None = None
    """Of the heat map's mass within the lung fields; None without a heat map."""

    @property
    def is_reported(self) -> bool:
        """Whether a report must name it: above its point, or borderline."""
        return self.band != "below"


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """The classifier that gave the figures."""

    name: str
    version: str
    sha256: str
    trained_on: str
    metrics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FactSheet:
    """All that may be said about one study."""

    study_id: str
    study_date: str
    """ISO date as shifted for the pseudonym, or of the upload."""
    modality: str = "DX"
    view: str = ""
    laterality_marker: str = ""
    pseudonym: str = ""
    age_band: str = ""
    sex: str = ""
    indication: str = ""
    prior_report_id: str = ""
    gate_score: float = 0.0
    warnings: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    model: ModelFacts


def band_of(probability: float, operating_point: float) -> BandName:
    """Borderline within 0.05 of the point on either side, otherwise above or below it."""
    if abs(probability - operating_point) <= BORDERLINE:
        return "borderline"
    return "above" if probability > operating_point else "below"
