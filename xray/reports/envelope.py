"""The report object that both modes produce and that every export is built from.

Plain JSON types, so that a row keeps it, a digest covers it and an export cannot add to it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal, NotRequired, TypedDict

SCHEMA_VERSION = 1
Status = Literal["present", "absent", "not_assessed"]


class Exam(TypedDict):
    modality: str
    body_part: str
    view: str
    laterality_marker: str
    study_date_shifted: str


class Patient(TypedDict):
    pseudonym: str
    age_band: str
    sex: str


class ImageQuality(TypedDict):
    gate_score: float
    exposure: str
    truncated: bool
    warnings: list[str]


class RegionFinding(TypedDict):
    region: str
    status: Status
    finding_ids: list[str]
    text: str


class AiFinding(TypedDict):
    id: str
    label: str
    probability: float
    operating_point: float
    point_name: str
    band: str
    interval: list[float]
    heatmap: bool
    region: str
    laterality: str
    inside_share: float | None


class Sentence(TypedDict):
    """One sentence and the findings it can be traced to."""

    text: str
    finding_ids: list[str]
    author: NotRequired[Literal["reviewer"]]
    """Only of a sentence that a reviewer wrote."""


class Confidence(TypedDict):
    level: str
    rule: str


class ModelPart(TypedDict):
    name: str
    version: str
    sha256: str
    trained_on: str
    metrics: dict[str, float]


class Generator(TypedDict):
    mode: str
    """`structured`, `llm` or `llm_rejected`."""
    backend: str
    llm_model: str
    prompt_sha256: str
    verification: dict[str, Any]


class ReviewPart(TypedDict):
    status: str
    by: str
    at: str
    edits: list[dict[str, Any]]


class Envelope(TypedDict):
    schema_version: int
    report_id: str
    study_id: str
    language: str
    exam: Exam
    patient: Patient
    indication: str
    technique: str
    comparison: dict[str, str]
    image_quality: ImageQuality
    findings_by_region: list[RegionFinding]
    ai_findings: list[AiFinding]
    narrative: list[Sentence]
    """The language model's verified sentences; empty in a structured report."""
    impression: list[Sentence]
    confidence: Confidence
    recommendation: list[str]
    limitations: list[str]
    disclaimer: str
    model: ModelPart
    generator: Generator
    review: ReviewPart


def canonical(envelope: Envelope) -> bytes:
    """The one byte form: sorted keys, no spaces, UTF-8."""
    text = json.dumps(envelope, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def digest(envelope: Envelope) -> str:
    """sha256 of the canonical form."""
    return hashlib.sha256(canonical(envelope)).hexdigest()
