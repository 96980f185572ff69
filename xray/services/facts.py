"""The fact sheet of a study, from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from xray.labels import LABELS, Region, Side
from xray.models import Heatmap, ModelVersion, Prediction, Study
from xray.reports.facts import DECIMALS, BandName, FactSheet, Finding, ModelFacts

SHOWN_METRICS = ("auc", "accuracy", "sensitivity", "specificity", "ece")


def facts_of(
    study: Study, found: Sequence[tuple[Prediction, Heatmap | None]], *, prior_report_id: str = ""
) -> FactSheet:
    """What may be said about an analysed study. Research outputs stay out."""
    version = study.model_version
    if version is None:
        raise ValueError(f"study {study.pk} was never analysed")
    reported = [
        (row, heatmap) for row, heatmap in found if row.label in LABELS and not row.is_research
    ]
    reported.sort(key=lambda pair: pair[0].label)
    return FactSheet(
        study_id=str(study.pk),
        study_date=study.attributes.get("study_date_shifted", "")
        or study.created_at.date().isoformat(),
        modality=study.attributes.get("Modality", "DX"),
        view=study.view,
        laterality_marker=study.attributes.get("laterality_marker", ""),
        pseudonym=study.patient_key,
        age_band=study.age_band,
        sex=study.sex,
        indication=study.indication,
        prior_report_id=prior_report_id,
        gate_score=round(float(study.gate.get("score", 0.0)), DECIMALS),
        warnings=tuple(study.warnings),
        findings=tuple(
            _finding(number, row, heatmap)
            for number, (row, heatmap) in enumerate(reported, start=1)
        ),
        model=model_facts(version),
    )


def stored_facts(study: Study) -> FactSheet:
    """The fact sheet of a study that was analysed before; its first report names the prior."""
    rows = study.predictions.select_related("heatmap")
    first = study.reports.order_by("number").values_list("envelope", flat=True).first()
    return facts_of(
        study,
        [(row, getattr(row, "heatmap", None)) for row in rows],
        prior_report_id="" if first is None else first["comparison"]["prior_report_id"],
    )


def model_facts(version: ModelVersion) -> ModelFacts:
    """Name, version, hash and the figures of the hold-out."""
    holdout = version.metrics.get("holdout", {})
    return ModelFacts(
        name=version.name,
        version=version.version,
        sha256=version.sha256,
        trained_on=version.trained_on,
        metrics={
            name: round(float(holdout[name]), DECIMALS) for name in SHOWN_METRICS if name in holdout
        },
    )


def _finding(number: int, row: Prediction, heatmap: Heatmap | None) -> Finding:
    return Finding(
        id=f"F{number}",
        label=row.label,
        probability=round(row.probability, DECIMALS),
        operating_point=round(row.operating_point, DECIMALS),
        point_name=row.point_name,
        band=cast("BandName", row.band),
        interval=(round(row.interval_low, DECIMALS), round(row.interval_high, DECIMALS)),
        region=Region(heatmap.region) if heatmap else Region.UNSPECIFIED,
        side=Side(heatmap.side) if heatmap else Side.UNSPECIFIED,
        inside_share=round(heatmap.inside_share, DECIMALS) if heatmap else None,
    )
