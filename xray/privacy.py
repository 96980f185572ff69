"""What a person takes along and what is forgotten; pictures and jobs have their own rooms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from xray.models import AuditKey, Report, Study

WORDS = {"studies": _("Chest X-ray studies"), "reports": _("Chest X-ray reports")}


def export(user: User) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """JSON lists of the person's studies and reports."""
    studies = Study.objects.visible_to(user).order_by("id").prefetch_related("predictions")
    yield "xray/studies.json", [_study(study) for study in studies]
    reports = (
        Report.objects.visible_to(user).order_by("study_id", "number").prefetch_related("reviews")
    )
    yield (
        "xray/reports.json",
        [
            {
                "study": str(report.study_id),
                "number": report.number,
                "state": report.state,
                "report": report.envelope,
                "reviews": [
                    {
                        "action": review.action,
                        "comment": review.comment,
                        "changes": review.diff,
                        "created_at": review.created_at.isoformat(),
                    }
                    for review in report.reviews.all()
                ],
                "created_at": report.created_at.isoformat(),
            }
            for report in reports
        ],
    )


def _study(study: Study) -> dict[str, Any]:
    return {
        "id": str(study.pk),
        "film": str(study.film_id) if study.film_id else None,
        "status": study.status,
        "refusal_code": study.refusal_code,
        "correction": study.correction,
        "mode": study.mode,
        "language": study.language,
        "indication": study.indication,
        "patient": study.patient_key,
        "age_band": study.age_band,
        "sex": study.sex,
        "view": study.view,
        "source_format": study.source_format,
        "attributes": study.attributes,
        "warnings": study.warnings,
        "gate": study.gate,
        "predictions": [
            {
                "label": row.label,
                "probability": row.probability,
                "operating_point": row.operating_point,
                "band": row.band,
            }
            for row in study.predictions.all()
        ],
        "created_at": study.created_at.isoformat(),
    }


def files_of(user: User) -> Iterator[str]:
    """Storage keys of the person's reports and kept originals; films have their own room."""
    yield from Report.objects.visible_to(user).exclude(file="").values_list("file", flat=True)
    originals = Study.objects.visible_to(user).exclude(original_key="")
    yield from originals.values_list("original_key", flat=True)


def erase(user: User) -> Mapping[str, int]:
    """Delete the person's studies and reports; returns how many.

    The audit trail stays: it names neither patient nor finding, and without the key that goes
    with the account nobody can tell from which addresses the person came.
    """
    reports = Report.objects.visible_to(user).count()
    studies = Study.objects.visible_to(user)
    count = studies.count()
    studies.delete()
    AuditKey.objects.filter(user=user).delete()
    return {"studies": count, "reports": reports}


def keys_in_use(keys: Any) -> set[str]:
    """Those of the storage keys that belong to a study or a report."""
    owned = set(Report.objects.filter(file__in=keys).values_list("file", flat=True))
    owned |= set(Study.objects.filter(original_key__in=keys).values_list("original_key", flat=True))
    from xray.models import ModelVersion

    owned |= set(ModelVersion.objects.filter(file__in=keys).values_list("file", flat=True))
    return owned
