"""The worker's side of `xray.report`: a text by the language model over an analysed study.

Whatever goes wrong with the model, the study gets a report: its structured one again, which says
that a text was asked for and why there is none.
"""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING

from project.inference.errors import InvalidInput
from project.jobs.kinds import FileSink, Outcome
from project.sealing import CannotUnseal
from xray.exports.json_report import as_json
from xray.ingest.deidentify import BURNED_IN
from xray.models import Study
from xray.reports.llm.errors import LlmError
from xray.reports.llm.writer import LlmAnswer, write_with_llm
from xray.reports.structured import write_structured
from xray.services import audit
from xray.services.facts import stored_facts
from xray.services.llm_backend import current_server
from xray.services.report_rows import Written, as_language, keep_report, report_id_of

if TYPE_CHECKING:
    from project.inference.context import RunContext
    from project.jobs.models import Job
    from xray.reports.envelope import Envelope
    from xray.reports.facts import FactSheet
    from xray.reports.llm.schema import Language
    from xray.reports.llm.server import LlmServer

STEPS = 3
PICTURE_SIDE = 1024


def handle(*, job: Job, context: RunContext, files: FileSink) -> Outcome:
    """Ask, verify, keep; or fall back with the reason. Raises project.inference.errors."""
    study = (
        Study.objects.select_related("film", "model_version", "job__owner")
        .filter(pk=job.params["study"])
        .first()
    )
    if study is None:
        raise StudyGone("the study was deleted")
    context.step("facts", 0, STEPS)
    facts, language = stored_facts(study), as_language(job.params["language"])
    envelope = write_structured(facts, language=language, report_id=report_id_of(job, study, 0))
    reason = ""
    try:
        answer = _ask(context, study, facts, language)
    except LlmError as error:
        reason = error.code
        _fall_back(envelope, error)
    else:
        _fill_in(envelope, answer)
    context.step("verify", 2, STEPS)
    written = Written(envelope=envelope, file=files.save("report.json", as_json(envelope)))
    return Outcome(
        commit=partial(_commit, written=written, reason=reason),
        data={"mode": envelope["generator"]["mode"], "reason": reason},
    )


class StudyGone(InvalidInput):
    """There is nothing to write about."""

    code = "study_gone"


def _ask(context: RunContext, study: Study, facts: FactSheet, language: Language) -> LlmAnswer:
    try:
        server = current_server()
    except CannotUnseal as error:
        raise LlmError("llm_unavailable", "the stored secret cannot be read") from error
    if server is None:
        raise LlmError("llm_unavailable", "no server is set up and enabled")
    context.step("draft", 1, STEPS)

    def on_text(text: str) -> None:
        context.step("draft", 1, STEPS, partial={"draft": text})

    return write_with_llm(
        facts,
        language=language,
        server=server,
        on_text=on_text,
        check=context.check,
        picture=_picture(server, study),
    )


def _picture(server: LlmServer, study: Study) -> bytes | None:
    """The de-identified film as a small PNG, only for a server that may see it.

    A film with letters at its border stays here: they may be a name.
    """
    if not server.sends_images or study.film is None or BURNED_IN in study.warnings:
        return None
    from PIL import Image

    from xray.film import read_film

    try:
        film = read_film(study)
    except InvalidInput:  # expired meanwhile: the figures alone are enough to write about
        return None
    picture = Image.fromarray((film * 255).round().astype("uint8"))
    picture.thumbnail((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.BILINEAR)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _fill_in(envelope: Envelope, answer: LlmAnswer) -> None:
    """The verified sentences; what the structured report says stays beside them."""
    envelope["narrative"] = answer.narrative
    if answer.impression:
        envelope["impression"] = answer.impression
    envelope["generator"] = answer.generator


def _fall_back(envelope: Envelope, error: LlmError) -> None:
    if error.generator is not None:
        envelope["generator"] = {**error.generator, "mode": "llm_rejected"}
        return
    envelope["generator"] = {
        **envelope["generator"],
        "mode": "llm_rejected",
        "verification": {"outcome": error.code},
    }


def _commit(job: Job, *, written: Written, reason: str) -> None:
    """Inside the finishing transaction: a worker without the lease writes nothing."""
    study = Study.objects.select_related("job__owner").filter(pk=job.params["study"]).first()
    if study is None:
        return
    report = keep_report(study=study, job=job, written=written)
    if reason:
        audit.record(
            action="report.fallback",
            actor=job.owner,
            study=study.pk,
            object=f"report {report.number}",
            details={"reason": reason, "errors": _codes(written.envelope)},
        )


def _codes(envelope: Envelope) -> list[str]:
    """The verifier's codes; never the sentences."""
    attempts = envelope["generator"]["verification"].get("attempts", [])
    found = [str(code) for attempt in attempts for code in attempt.get("errors", [])]
    return sorted(set(found))[:20]
