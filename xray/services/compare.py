"""Two studies of one person side by side. What changed is for a reader to say, not for us."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from project.errors import ServiceError
from xray.choices import StudyStatus
from xray.models import Report, Study
from xray.services.report_request import check_reported, structured_report


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two, with its report in the language that was asked for."""

    study: Study
    report: Report


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One label in both. None where a study has no such figure."""

    label: str
    probability: tuple[float | None, float | None]
    operating_point: tuple[float | None, float | None]
    band: tuple[str | None, str | None]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`same_model`: whether one version of the classifier gave both columns of figures."""

    study: Side
    prior: Side
    figures: list[Figures]
    same_model: bool


def comparable(study: Study) -> QuerySet[Study]:
    """The reported studies of the same owner and patient but this one, newest first."""
    if not study.patient_key:
        return Study.objects.none()
    return (
        Study.objects.visible_to(study.job.owner)
        .filter(patient_key=study.patient_key, status=StudyStatus.REPORTED)
        .exclude(pk=study.pk)
        .order_by("-id")
    )


def check_same_patient(*, patient_key: str, prior: Study) -> None:
    """Raises ServiceError not_same_patient (409); no pseudonym is nobody's."""
    if not patient_key or patient_key != prior.patient_key:
        raise ServiceError(
            _("Both films must have been sent under the same patient key."),
            code="not_same_patient",
            status=409,
        )


def compare_studies(*, study: Study, prior: Study, language: str) -> Comparison:
    """Both reports and the figures beside each other.

    A language model's text may stand in either, so the structured reports are compared. Raises
    ServiceError: not_same_patient (409), not_reported (409).
    """
    check_same_patient(patient_key=study.patient_key, prior=prior)
    for one in (study, prior):
        check_reported(one)
    sides = [
        Side(study=one, report=structured_report(study=one, language=language))
        for one in (study, prior)
    ]
    return Comparison(
        study=sides[0],
        prior=sides[1],
        figures=_figures(sides[0].report, sides[1].report),
        same_model=study.model_version_id == prior.model_version_id,
    )


def _figures(now: Report, before: Report) -> list[Figures]:
    found = [
        {row["label"]: row for row in report.envelope["ai_findings"]} for report in (now, before)
    ]
    return [
        Figures(
            label=label,
            probability=_pair(found, label, "probability"),
            operating_point=_pair(found, label, "operating_point"),
            band=_pair(found, label, "band"),
        )
        for label in sorted({*found[0], *found[1]})
    ]


def _pair(found: list[dict[str, dict[str, object]]], label: str, member: str) -> tuple:  # type: ignore[type-arg]
    return tuple(rows[label][member] if label in rows else None for rows in found)
