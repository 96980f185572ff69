"""Reports as rows: numbered, superseding, with their JSON file."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from project.jobs.models import Job
from xray.choices import ReportMode, ReportState
from xray.models import Report, Study
from xray.reports.envelope import Envelope, digest
from xray.reports.llm.schema import Language
from xray.services import audit

SIGNED = ("accepted", "edited")
OF_THE_MODEL = (ReportMode.LLM, ReportMode.LLM_REJECTED)


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


def is_signed(report: Report) -> bool:
    """Whether a person accepted it, as it was or edited. Who rejected one wants another."""
    return report.envelope["review"]["status"] in SIGNED


def signed_text(*, study: Study, language: str) -> Report | None:
    """The signed report that a new text by the language model would take the place of."""
    current = study.reports.current().filter(language=language, mode__in=OF_THE_MODEL)
    return next((one for one in current.order_by("-number") if is_signed(one)), None)


def keep_report(*, study: Study, job: Job | None, written: Written) -> Report:
    """The row of a finished report; an earlier one of the same language and mode is superseded.

    But no job takes the place of a text that a person has signed, unless it was asked to replace
    that very one (`request_report`) and brings a text: the new report is then kept as superseded.
    Runs inside the transaction that finishes the job, so a worker without its lease keeps none.
    """
    envelope = written.envelope
    with transaction.atomic():
        Study.objects.select_for_update().filter(pk=study.pk).first()
        last = study.reports.aggregate(last=Max("number"))["last"] or 0
        mode, language = envelope["generator"]["mode"], envelope["language"]
        signed = None
        if job is not None and mode in OF_THE_MODEL:
            signed = signed_text(study=study, language=language)
        stays = signed is not None and not _may_replace(job, signed, mode)
        if not stays:
            modes = {mode} if signed is None else {mode, signed.mode}
            old = study.reports.current().filter(language=language, mode__in=modes)
            old.update(state=ReportState.SUPERSEDED)
        report = Report.objects.create(
            study=study,
            job=job,
            number=last + 1,
            mode=mode,
            language=envelope["language"],
            state=ReportState.SUPERSEDED if stays else ReportState.FINAL,
            envelope=envelope,
            digest=digest(envelope),
            file=written.file,
        )
        audit.record(
            action="report.final",
            actor=study.job.owner,
            study=study.pk,
            object=f"report {report.number}",
            before=signed.digest if signed is not None else "",
            after=report.digest,
            details={
                "mode": mode,
                "language": report.language,
                **({"signed_stays": stays} if signed is not None else {}),
            },
        )
    return report


def _may_replace(job: Job | None, signed: Report, mode: str) -> bool:
    asked = job is not None and job.params.get("replaces") == signed.digest
    return asked and mode == ReportMode.LLM
