"""What the page of one study shows in each of its states."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from project.images.renditions import Rendition
from project.jobs.codes import STAGES
from xray.choices import Correction
from xray.kind import STUDY_STAGES
from xray.models import Heatmap, Study
from xray.pages.cards import LIVE, StudyCard, picture_url, study_cards
from xray.pages.findings import FindingRow, Research, finding_rows, research_of
from xray.pages.report import ReportPanel, report_panel
from xray.pages.trail import TrailLine, trail_of
from xray.pages.viewer import FilmView, film_view
from xray.services.compare import comparable
from xray.warning_words import warning_in_words

MOST_COMPARABLE = 20


@dataclass(frozen=True, kw_only=True)
class Download:
    """One export. `name` is a format and stays as it is in every language."""

    name: str
    means: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line of what is known of the film; `code` is set in monospace."""

    label: str
    value: str
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One stage of the analysis, for the list that walks along."""

    code: str
    words: str
    is_now: bool
    is_done: bool


@dataclass(frozen=True, kw_only=True)
class StudyPage:
    """The parts that a state does not have are empty: a refused study has no finding here."""

    shown: StudyCard
    picture: str
    steps: list[Step] = field(default_factory=list)
    film: FilmView | None = None
    findings: list[FindingRow] = field(default_factory=list)
    research: Research | None = None
    report: ReportPanel | None = None
    downloads: list[Download] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    others: list[StudyCard] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    trail: list[TrailLine] = field(default_factory=list)


def study_page(
    *, user: User, study: Study, language: str, mode: str = "", number: int | None = None
) -> StudyPage:
    """The page of one own study."""
    shown = study_cards([study])[0]
    picture = picture_url(study.film, Rendition.PREVIEW)
    if shown.standing == LIVE:
        return StudyPage(shown=shown, picture=picture, steps=_steps(study))
    trail = trail_of(study)
    if shown.standing != "reported":
        return StudyPage(shown=shown, picture=picture, facts=_facts(study), trail=trail)
    heatmap = Heatmap.objects.filter(prediction__study=study).select_related("prediction", "map")
    panel = report_panel(study, language=language, mode=mode, number=number)
    return StudyPage(
        shown=shown,
        picture=picture,
        film=film_view(study, name="film", title=shown.title, heatmap=heatmap.first()),
        findings=finding_rows(study),
        research=research_of(study),
        report=panel,
        downloads=_downloads(study, panel),
        warnings=[warning_in_words(code) for code in study.warnings],
        others=study_cards(
            comparable(study).select_related("job", "film", "model_version")[:MOST_COMPARABLE]
        ),
        facts=_facts(study),
        trail=trail,
    )


def _steps(study: Study) -> list[Step]:
    """The stages in order; those before the present one are done."""
    codes = list(STUDY_STAGES)
    now = study.job.stage
    place = codes.index(now) if now in codes else -1
    return [
        Step(code=code, words=str(words), is_now=at == place, is_done=at < place)
        for at, (code, words) in enumerate({**STUDY_STAGES}.items())
        if code not in STAGES or code == now
    ]


def _downloads(study: Study, panel: ReportPanel) -> list[Download]:
    """Of the version that is shown; one that was replaced does not leave."""
    if panel.shown is None or not panel.shown.is_current:
        return []
    query = f"?version={panel.shown.report.number}"
    means = {
        "PDF": ("report_pdf", _("for reading and printing")),
        "JSON": ("report_json", _("everything, signed")),
        "FHIR": ("report_fhir", _("DiagnosticReport with observations")),
        "DICOM SR": ("report_sr", _("structured report, TID 1500")),
        "DICOM SC": ("report_sc", _("the picture with the heat map")),
    }
    return [
        Download(
            name=name,
            means=words,
            url=reverse(f"xray_api:{route}", kwargs={"study_id": study.pk}) + query,
        )
        for name, (route, words) in means.items()
    ]


def _facts(study: Study) -> list[Fact]:
    """What was kept of the film and of the sender's words; nothing that names a person."""
    version = study.model_version
    facts = [
        Fact(label=_("Patient"), value="", code=study.patient_key) if study.patient_key else None,
        Fact(label=_("Age"), value=study.age_band) if study.age_band else None,
        Fact(label=_("Sex"), value=study.sex) if study.sex else None,
        Fact(label=_("Projection"), value=study.view) if study.view else None,
        Fact(label=_("Indication"), value=study.indication) if study.indication else None,
        Fact(label=_("Sent as"), value=study.source_format),
        Fact(label=_("Correction"), value=str(Correction(study.correction).label))
        if study.correction
        else None,
        Fact(label=_("Model"), value=str(version), code=version.sha256[:12]) if version else None,
        Fact(label=_("Study"), value="", code=str(study.pk)),
    ]
    return [fact for fact in facts if fact is not None]


def route_words() -> dict[str, Any]:
    """Stages for the script that walks along."""
    return {code: str(words) for code, words in {**STAGES, **STUDY_STAGES}.items()}
