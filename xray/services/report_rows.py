"""Reports as rows: numbered, superseding, with their JSON file."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from project.jobs.models import Job
from xray.choices import ReportState
from xray.models import Report, Study
from xray.reports.envelope import Envelope, digest
from xray.reports.llm.schema import Language
from xray.services import audit


@dataclass(frozen=True, kw_only=True)
class Written:
    """A report that is finished but not kept yet; `file` is the storage key of its JSON."""

    envelope: Envelope
    file: str = ""


def as_language(language: str) -> Language:
    """A row's language as the report writers know it. Raises ValueError for any other."""
    if language == "en":
        return "en"
    if language == "zh-hans":
        return "zh-hans"
    raise ValueError(f"no report is written in {language!r}")


def report_id_of(job: Job | None, study: Study, number: int) -> str:
    """How a report is called in every export."""
    return str(job.pk) if job is not None else f"{study.pk}-{number}"


def keep_report(*, study: Study, job: Job | None, written: Written) -> Report:
    """The row of a finished report; an earlier one of the same language and mode is superseded.

    Runs inside the transaction that finishes the job, so a worker without its lease keeps none.
    """
    envelope = written.envelope
    with transaction.atomic():
        Study.objects.select_for_update().filter(pk=study.pk).first()
        last = study.reports.aggregate(last=Max("number"))["last"] or 0
        mode = envelope["generator"]["mode"]
        study.reports.filter(language=envelope["language"], mode=mode).exclude(
            state=ReportState.SUPERSEDED
        ).update(state=ReportState.SUPERSEDED)
        report = Report.objects.create(
            study=study,
            job=job,
            number=last + 1,
            mode=mode,
            language=envelope["language"],
            state=ReportState.FINAL,
            envelope=envelope,
            digest=digest(envelope),
            file=written.file,
        )
        audit.record(
            action="report.final",
            actor=study.job.owner,
            study=study.pk,
            object=f"report {report.number}",
            after=report.digest,
            details={"mode": mode, "language": report.language},
        )
    return report
