"""Which version of a study's report somebody asks for."""

from __future__ import annotations

from django.utils.translation import gettext as _

from project.errors import ServiceError
from xray.choices import Language, ReportState, StudyStatus
from xray.models import Report, Study
from xray.services.report_request import structured_report


def choose_report(*, study: Study, number: int | None = None, language: str = "") -> Report:
    """Version `number`, whatever became of it; or the newest one in `language`.

    Without a language it is that of the study. A structured report in the other language is
    written at once, from the same facts. Raises ServiceError: report_not_ready (409, `status`),
    study_refused (409, `refusal_code`), report_version_missing (404, `versions`), invalid.
    """
    if language and language not in Language.values:
        detail = _("Choose one of the languages: %(known)s.") % {
            "known": ", ".join(Language.values)
        }
        raise ServiceError(
            detail, fields={"language": [{"code": "invalid_choice", "detail": detail}]}
        )
    if number is not None:
        return _version(study, number, language)
    wanted = language or study.language
    newest = study.reports.current().filter(language=wanted).order_by("-number").first()
    if newest is not None:
        return newest
    _check_reported(study)
    return structured_report(study=study, language=wanted)


def successor_of(report: Report) -> Report | None:
    """The version that holds in place of a superseded one; None for one that still holds."""
    if report.state != ReportState.SUPERSEDED:
        return None
    current = Report.objects.current().filter(study=report.study_id, language=report.language)
    same_kind = current.filter(mode=report.mode).order_by("-number").first()
    return same_kind or current.order_by("-number").first()


def check_may_leave(report: Report) -> None:
    """Raises ServiceError report_superseded (409, `version` holds now).

    A file that left as current cannot be told from one of before: its digest, its FHIR ids and its
    DICOM UIDs are the same, and none of the formats has a state for it that readers know. The
    version stays readable on the page of the study.
    """
    if report.state != ReportState.SUPERSEDED:
        return
    now = successor_of(report)
    raise ServiceError(
        _("Version %(number)d was replaced by a newer version of this report and is not exported.")
        % {"number": report.number},
        code="report_superseded",
        status=409,
        extra={"version": now.number if now else None},
    )


def _version(study: Study, number: int, language: str) -> Report:
    versions = {report.number: report for report in study.reports.order_by("number")}
    found = versions.get(number)
    if found is not None and language in ("", found.language):
        return found
    _check_reported(study)
    raise ServiceError(
        _("The study has no such version of a report."),
        code="report_version_missing",
        status=404,
        extra={"versions": [{"number": n, "language": r.language} for n, r in versions.items()]},
    )


def _check_reported(study: Study) -> None:
    if study.status == StudyStatus.REFUSED:
        raise ServiceError(
            _(
                "The film was refused, so there is no report; the study's page says what can be done."
            ),
            code="study_refused",
            status=409,
            extra={"refusal_code": study.refusal_code},
        )
    if study.status != StudyStatus.REPORTED:
        raise ServiceError(
            _("There is no report yet; `status` says how the study stands."),
            code="report_not_ready",
            status=409,
            extra={"status": study.status},
        )
