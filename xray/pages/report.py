"""The report part of a study page: which version is shown, and what may be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from project.jobs.models import Job
from project.web.job_cards import JobCard, job_cards
from xray.choices import Language, ReportMode, ReportState
from xray.models import Report, ReportReview, Study
from xray.reports.phrases import heading, region_word, word
from xray.services.llm_backend import current_backend
from xray.services.llm_status import llm_status
from xray.services.llm_words import EXPLANATIONS, state_words
from xray.services.report_choice import successor_of
from xray.services.report_rows import is_signed

OPEN = (Job.State.QUEUED, Job.State.RUNNING)
REPORT_KIND = "xray.report"
STRUCTURED, LLM = "structured", "llm"
NAMES = (
    "examination", "indication", "technique", "comparison", "findings", "impression",
    "confidence", "limitations", "recommendation", "disclaimer", "narrative",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Availability:
    """Of the language model as it was last seen. `is_set_up`: whether asking makes sense."""

    state: str
    words: str
    is_set_up: bool

    @property
    def badge(self) -> str:
        """The look of its badge."""
        return {"available": "badge-ok", "failing": "badge-warn"}.get(self.state, "")


@dataclass(frozen=True, kw_only=True)
class RegionLine:
    """One region of the findings in the language of the report."""

    name: str
    status: str
    status_word: str
    text: str
    finding_ids: list[str]


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """One version in words. `is_fallback` says that a text was asked for and not accepted."""

    report: Report
    envelope: dict[str, Any]
    headings: dict[str, str]
    regions: list[RegionLine]
    confidence: str
    is_current: bool
    successor: Report | None
    """The version that holds in place of this one."""
    is_fallback: bool
    is_signed: bool
    fallback_reason: str
    review_word: str

    @property
    def impression_text(self) -> str:
        """One sentence a line, as the review takes it."""
        return _lines(self.envelope["impression"])

    @property
    def narrative_text(self) -> str:
        """The same of the language model's part."""
        return _lines(self.envelope["narrative"])


@dataclass(frozen=True, kw_only=True)
class ReportPanel:
    """Everything of the report section."""

    shown: ReportView | None
    language: str
    languages: list[tuple[str, str]]
    mode: str
    versions: list[Report]
    availability: Availability
    llm_job: JobCard | None
    """The newest job that writes by the language model, while it runs or when it failed."""
    signature: ReportReview | None
    """Whose review made the version that is shown."""

    @property
    def written(self) -> set[str]:
        """The languages that have a report; another one is written when somebody asks."""
        return {row.language for row in self.versions if row.state != ReportState.SUPERSEDED}

    @property
    def can_ask(self) -> bool:
        """Whether the button for a text makes sense now."""
        return self.availability.is_set_up and not (self.llm_job and self.llm_job.is_live)


def report_panel(
    study: Study, *, language: str, mode: str = "", number: int | None = None
) -> ReportPanel:
    """The newest current report in `language`, or the version that was asked for.

    `mode` picks the structured one or the language model's; empty: the newest, whichever it is.
    """
    versions = list(study.reports.order_by("-number"))
    chosen = _chosen(versions, language=language, mode=mode, number=number)
    return ReportPanel(
        shown=report_view(chosen) if chosen else None,
        language=chosen.language if chosen else language,
        languages=[(str(code), str(label)) for code, label in Language.choices],
        mode=mode if mode in (STRUCTURED, LLM) else _mode_of(chosen),
        versions=versions,
        availability=availability(),
        llm_job=_llm_job(study),
        signature=_signature(study, chosen),
    )


def availability() -> Availability:
    """Calls nobody: what the periodic look and the last calls say."""
    backend = current_backend()
    status = llm_status(backend)
    if status.state == "off":
        words = _("No language model server is set up here.")
    else:
        words = state_words(status)
    return Availability(state=status.state, words=words, is_set_up=status.state != "off")


def report_view(report: Report) -> ReportView:
    """The envelope with its headings, in the language it was written in."""
    envelope, language = report.envelope, report.language
    is_fallback = envelope["generator"]["mode"] == ReportMode.LLM_REJECTED
    return ReportView(
        report=report,
        envelope=envelope,
        headings={name: heading(name, language) for name in NAMES},  # type: ignore[arg-type]
        regions=[_region(line, language) for line in envelope["findings_by_region"]],
        confidence=word("confidence", envelope["confidence"]["level"], language),  # type: ignore[arg-type]
        is_current=report.state != ReportState.SUPERSEDED,
        successor=successor_of(report),
        is_fallback=is_fallback,
        is_signed=is_signed(report),
        fallback_reason=_reason(envelope) if is_fallback else "",
        review_word=review_word(envelope["review"]["status"]),
    )


def review_word(status: str) -> str:
    """What a review made of a report."""
    return {
        "pending": _("Not reviewed"),
        "accepted": _("Accepted"),
        "edited": _("Edited and accepted"),
        "rejected": _("Rejected"),
    }.get(status, status)


def _chosen(
    versions: list[Report], *, language: str, mode: str, number: int | None
) -> Report | None:
    if number is not None:
        return next((row for row in versions if row.number == number), None)
    current = [
        row for row in versions if row.state != ReportState.SUPERSEDED and row.language == language
    ]
    if mode not in (STRUCTURED, LLM):  # the rule of the API and of the exports
        return current[0] if current else None
    plain = next((row for row in current if row.mode == ReportMode.STRUCTURED), None)
    written = next((row for row in current if row.mode == ReportMode.LLM), None)
    fallback = next((row for row in current if row.mode == ReportMode.LLM_REJECTED), None)
    if mode == STRUCTURED:
        return plain or fallback
    return written or fallback


def _mode_of(report: Report | None) -> str:
    return STRUCTURED if report is None or report.mode == ReportMode.STRUCTURED else LLM


def _region(line: dict[str, Any], language: str) -> RegionLine:
    return RegionLine(
        name=region_word(line["region"], language),  # type: ignore[arg-type]
        status=line["status"],
        status_word=word("status", line["status"], language),  # type: ignore[arg-type]
        text=line["text"],
        finding_ids=list(line["finding_ids"]),
    )


def _reason(envelope: dict[str, Any]) -> str:
    """In words where the code has some."""
    code = str(envelope["generator"]["verification"].get("outcome", ""))
    return str(EXPLANATIONS.get(code, EXPLANATIONS["llm_rejected"]))


def _llm_job(study: Study) -> JobCard | None:
    job = (
        Job.objects.visible_to(study.job.owner)
        .filter(kind=REPORT_KIND, params__study=str(study.pk))
        .order_by("-pk")
        .first()
    )
    if job is None or job.state not in (*OPEN, Job.State.FAILED):
        return None
    return job_cards([job])[0]


def _signature(study: Study, shown: Report | None) -> ReportReview | None:
    if shown is None:
        return None
    reviews = ReportReview.objects.filter(report__study=study, diff__version=shown.number)
    return reviews.order_by("-pk").first()


def _lines(sentences: list[dict[str, Any]]) -> str:
    return "\n".join(sentence["text"] for sentence in sentences)
