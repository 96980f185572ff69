"""One study as its owner sees it. A refused film has no figures in any of these shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from project.images.renditions import Rendition
from project.images.signing import media_url
from project.jobs.api.payload import JobPayload, job_payloads, timestamp
from project.jobs.models import Job
from project.realtime.events import FEED_PATH
from xray.choices import Band, StudyStatus
from xray.refusals import refusal_of
from xray.warning_words import warning_in_words

if TYPE_CHECKING:
    from xray.models import ModelVersion, Prediction, Report, Study
    from xray.services.compare import Comparison, Side


def study_summaries(studies: Iterable[Study]) -> list[dict[str, Any]]:
    """Rows of the worklist, which annotated them; the jobs are estimated together."""
    rows = list(studies)
    jobs = job_payloads([row.job for row in rows])
    return [_summary(row, job) for row, job in zip(rows, jobs, strict=True)]


def _summary(row: Study, job: JobPayload) -> dict[str, Any]:
    refusal = refusal_of(row)
    return {
        **_identity(row, job),
        "probability": _rounded(getattr(row, "probability", None)),
        "operating_point": _rounded(getattr(row, "operating_point", None)),
        "band": getattr(row, "band", None) or None,
        "refusal_code": refusal.code if refusal else "",
    }


def _identity(row: Study, job: JobPayload) -> dict[str, Any]:
    return {
        "study_id": str(row.pk),
        **job,
        "status": status_of(row),
        "mode": row.mode,
        "language": row.language,
        "correction": row.correction,
        "patient": row.patient_key,
        "view": row.view,
        "source_format": row.source_format,
        "film_url": media_url(row.film, Rendition.PREVIEW) if row.film else None,
    }


def status_of(row: Study) -> str:
    """Of the study; a job that ended without one says how."""
    ended = {
        Job.State.FAILED: StudyStatus.FAILED,
        Job.State.CANCELLED: StudyStatus.CANCELLED,
    }
    return str(ended.get(Job.State(row.job.state), row.status))


def study_payload(row: Study) -> dict[str, Any]:
    """Everything about one study but the older versions of its reports."""
    job = job_payloads([row.job])[0]
    reports = list(row.reports.current().order_by("language", "-number"))
    newest = max(
        (report for report in reports if report.language == row.language),
        key=lambda report: report.number,
        default=None,
    )
    return {
        **_identity(row, job),
        "refusal": _refusal(row),
        "indication": row.indication,
        "age_band": row.age_band,
        "sex": row.sex,
        "prior": str(row.prior_id) if row.prior_id else None,
        "film": _film(row),
        "predictions": _predictions(row),
        "report": newest.envelope if newest else None,
        "reports": [report_payload(report) for report in reports],
        "report_jobs": _report_jobs(row),
        "gate": row.gate,
        "warnings": [{"code": code, "detail": warning_in_words(code)} for code in row.warnings],
        "timings": row.timings,
        "model": _model(row.model_version),
    }


def _refusal(row: Study) -> dict[str, Any] | None:
    refusal = refusal_of(row)
    if refusal is None:
        return None
    return {
        "code": refusal.code,
        "detail": refusal.detail,
        "advice": refusal.advice,
        "repair": refusal.repair,
        "repair_url": reverse("xray_api:correct", args=[row.pk]) if refusal.repair else None,
    }


def _film(row: Study) -> dict[str, Any] | None:
    """None when the retention has taken it: the reports stay."""
    record = row.film
    if record is None:
        return None
    return {
        "url": media_url(record, Rendition.ORIGINAL),
        "width": record.width,
        "height": record.height,
        "bit_depth": record.bit_depth,
        "expires_at": timestamp(record.expires_at) if record.expires_at else None,
    }


def _predictions(row: Study) -> list[dict[str, Any]]:
    if row.status != StudyStatus.REPORTED:
        return []
    found = list(row.predictions.select_related("heatmap").order_by("is_research", "label"))
    # Which kind of pneumonia it is means nothing where none is reported: as on the page.
    is_reported = any(p.band != Band.BELOW for p in found if not p.is_research)
    return [_prediction(row, p) for p in found if is_reported or not p.is_research]


def _prediction(row: Study, prediction: Prediction) -> dict[str, Any]:
    """A research output was never calibrated: it has no interval, no operating point, no band."""
    if prediction.is_research:
        return {
            "label": prediction.label,
            "probability": _rounded(prediction.probability),
            **dict.fromkeys(("interval", "operating_point", "point_name", "band", "heatmap")),
            "research": True,
        }
    heatmap = getattr(prediction, "heatmap", None)
    return {
        "label": prediction.label,
        "probability": _rounded(prediction.probability),
        "interval": [_rounded(prediction.interval_low), _rounded(prediction.interval_high)],
        "operating_point": _rounded(prediction.operating_point),
        "point_name": prediction.point_name,
        "band": prediction.band,
        "research": False,
        "heatmap": None
        if heatmap is None
        else {
            "url": _heatmap_url(row, prediction.label) if heatmap.map_id else None,
            "region": heatmap.region,
            "side": heatmap.side,
            "inside_share": _rounded(heatmap.inside_share),
        },
    }


def _heatmap_url(row: Study, label: str) -> str:
    return reverse("xray_api:heatmap", kwargs={"study_id": row.pk, "label": label})


def report_payload(report: Report) -> dict[str, Any]:
    """One version without its text. `digest` is what a review has to name."""
    review = report.envelope["review"]
    return {
        "number": report.number,
        "report_id": report.envelope["report_id"],
        "mode": report.mode,
        "language": report.language,
        "state": report.state,
        "digest": report.digest,
        "review": review,
        "created_at": timestamp(report.created_at),
    }


def _report_jobs(row: Study) -> list[JobPayload]:
    """Reports that are still being written."""
    return job_payloads(unfinished_report_jobs(row))


def unfinished_report_jobs(row: Study) -> list[Job]:
    """In the order in which they were asked for."""
    waiting = Job.objects.visible_to(row.job.owner).filter(
        kind="xray.report",
        params__study=str(row.pk),
        state__in=(Job.State.QUEUED, Job.State.RUNNING),
    )
    return list(waiting.order_by("id"))


def _model(version: ModelVersion | None) -> dict[str, str] | None:
    if version is None:
        return None
    return {"name": version.name, "version": version.version, "sha256": version.sha256}


def submitted_payload(row: Study, *, created: bool) -> dict[str, Any]:
    """The answer to a submit."""
    job = job_payloads([row.job])[0]
    message = _("The film is queued.") if created else _("This film is known already.")
    return {
        "study_id": str(row.pk),
        "job": job["job"],
        "kind": job["kind"],
        "state": job["state"],
        "page_url": job["page_url"],
        "created_at": job["created_at"],
        "queue_position": job["queue_position"],
        "eta_seconds": job["eta_seconds"],
        "status": status_of(row),
        "mode": row.mode,
        "language": row.language,
        "use_ollama": row.mode == "llm",
        "duplicate": not created,
        "message": message,
        "url": reverse("xray_api:detail", args=[row.pk]),
        "ws_url": f"/{FEED_PATH}",
    }


def comparison_payload(found: Comparison) -> dict[str, Any]:
    """Two envelopes side by side. No word or sign says which way anything went."""
    return {
        "study": _side(found.study),
        "prior": _side(found.prior),
        "figures": [
            {
                "label": row.label,
                "probability": list(row.probability),
                "operating_point": list(row.operating_point),
                "band": list(row.band),
            }
            for row in found.figures
        ],
        "same_model": found.same_model,
        "note": _(
            "Two films are shown side by side. Position, exposure and breath differ between them, "
            "so the figures do not say that anything increased or decreased."
        ),
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "study_id": str(side.study.pk),
        "page_url": side.study.get_absolute_url(),
        "created_at": timestamp(side.study.created_at),
        "film": _film(side.study),
        "heatmaps": {
            row["label"]: row["heatmap"]["url"]
            for row in _predictions(side.study)
            if row["heatmap"] and row["heatmap"]["url"]
        },
        "report": side.report.envelope,
    }


def version_payload(version: ModelVersion, *, file_present: bool) -> dict[str, Any]:
    """One classifier of the registry."""
    return {
        "id": version.pk,
        "name": version.name,
        "version": version.version,
        "status": version.status,
        "architecture": version.architecture,
        "px": version.px,
        "labels": version.labels,
        "sha256": version.sha256,
        "point_name": version.point_name,
        "metrics": version.metrics,
        "trained_on": version.trained_on,
        "data_sha256": version.data_sha256,
        "command": version.command,
        "shipped": version.is_shipped,
        "file_present": file_present,
        "activated_at": timestamp(version.activated_at) if version.activated_at else None,
    }


def audit_payload(events: Iterable[Any], *, names: Mapping[int, str]) -> list[dict[str, Any]]:
    """What happened to one study, oldest first; `names` of the people who are still here."""
    return [
        {
            "id": event.pk,
            "at": timestamp(event.at),
            "actor": names.get(event.actor_id, ""),
            "origin": event.origin,
            "action": event.action,
            "object": event.object,
            "before": event.before,
            "after": event.after,
            "details": event.details,
            "digest": event.digest,
        }
        for event in events
    ]


def _rounded(value: float | None) -> float | None:
    """As in every report and export."""
    return None if value is None else round(value, 3)
