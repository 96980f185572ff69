"""Ask for another report of a study: at once when it is structured, as a job when it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from project.errors import ServiceError
from project.jobs.models import Job
from project.jobs.submit import Submission, submit_job
from xray.choices import Mode, StudyStatus
from xray.models import Report, Study
from xray.reports.structured import write_structured
from xray.services import audit
from xray.services.facts import stored_facts
from xray.services.report_rows import (
    Written,
    as_language,
    keep_report,
    report_id_of,
    signed_text,
)

if TYPE_CHECKING:
    from accounts.models import User


def structured_report(*, study: Study, language: str) -> Report:
    """The structured report in a language: the kept one, or written now from the same facts.

    Raises ServiceError not_reported (409) for a study without findings.
    """
    check_reported(study)
    with transaction.atomic():
        Study.objects.select_for_update().get(pk=study.pk)
        known = (
            study.reports.current()
            .filter(language=language)
            .exclude(mode="llm")
            .order_by("-number")
            .first()
        )
        if known is not None:
            return known
        number = study.reports.count() + 1
        envelope = write_structured(
            stored_facts(study),
            language=as_language(language),
            report_id=report_id_of(None, study, number),
        )
        return keep_report(study=study, job=None, written=Written(envelope=envelope))


def request_report(
    *,
    study: Study,
    language: str,
    actor: User,
    replaces: str = "",
    idempotency_key: str | None = None,
    address: str | None = None,
) -> Submission:
    """Queue a report by the language model.

    Where a person has signed one, `replaces` is its digest: the confirmation that a new text may
    take its place. Raises ServiceError: not_reported, report_signed (409), queue limits.
    """
    check_reported(study)
    with transaction.atomic():
        Study.objects.select_for_update(of=("self",)).get(pk=study.pk)
        signed = signed_text(study=study, language=language)
        if signed is not None and signed.digest != replaces:
            raise ServiceError(
                _(
                    "Version %(number)d of this report was signed by %(by)s. Confirm that a new text may replace it."
                )
                % {"number": signed.number, "by": signed.envelope["review"]["by"]},
                code="report_signed",
                status=409,
                extra={"version": signed.number, "digest": signed.digest},
            )
        submission = submit_job(
            owner=study.job.owner,
            kind="xray.report",
            params={
                "study": str(study.pk),
                "mode": Mode.LLM,
                "language": language,
                **({"replaces": replaces} if replaces else {}),
            },
            lane=Job.Lane.INTERACTIVE,
            idempotency_key=idempotency_key,
        )
        if signed is not None and submission.created:
            audit.record(
                action="report.replacement_confirmed",
                actor=actor,
                address=address,
                study=study.pk,
                object=f"report {signed.number}",
                before=signed.digest,
            )
    return submission


def request_llm_report(*, study: Study) -> None:
    """The follow-up that the sender of a study asked for; a full queue is told in the trail."""
    if study.mode != Mode.LLM:
        return
    try:
        with transaction.atomic():
            submit_job(
                owner=study.job.owner,
                kind="xray.report",
                params={"study": str(study.pk), "mode": Mode.LLM, "language": study.language},
            )
    except ServiceError as error:
        audit.record(
            action="report.not_queued",
            actor=study.job.owner,
            study=study.pk,
            details={"code": error.code},
        )


def check_reported(study: Study) -> None:
    """Raises ServiceError not_reported (409)."""
    if study.status != StudyStatus.REPORTED:
        raise ServiceError(
            _("This study has no findings that a report could be written from."),
            code="not_reported",
            status=409,
        )
