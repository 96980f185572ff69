"""Two films of one patient beside each other."""

from __future__ import annotations

from dataclasses import dataclass

from xray.models import Heatmap, Study
from xray.pages.cards import StudyCard, study_cards
from xray.pages.findings import FindingRow, finding_row_of
from xray.pages.viewer import FilmView, film_view, page_language
from xray.services.compare import compare_studies


@dataclass(frozen=True, kw_only=True)
class CompareSide:
    """One of the two."""

    shown: StudyCard
    film: FilmView | None
    findings: list[FindingRow]


@dataclass(frozen=True, kw_only=True)
class ComparisonPage:
    """The earlier film first, as it is read. `same_model`: one classifier gave both figures."""

    sides: list[CompareSide]
    same_model: bool


def comparison_page(*, study: Study, prior: Study) -> ComparisonPage:
    """Raises ServiceError: not_same_patient (409), not_reported (409)."""
    found = compare_studies(study=study, prior=prior, language=page_language())
    sides = sorted((found.study, found.prior), key=lambda side: side.study.pk)
    cards = study_cards([side.study for side in sides])
    return ComparisonPage(
        sides=[
            CompareSide(
                shown=card,
                film=film_view(
                    side.study,
                    name=f"film-{place}",
                    title=card.title,
                    heatmap=_heatmap(side.study),
                    takes_keys=False,
                ),
                findings=[finding_row_of(dict(row)) for row in side.report.envelope["ai_findings"]],
            )
            for place, (side, card) in enumerate(zip(sides, cards, strict=True), start=1)
        ],
        same_model=found.same_model,
    )


def _heatmap(study: Study) -> Heatmap | None:
    rows = Heatmap.objects.filter(prediction__study=study).select_related("prediction", "map")
    return rows.first()
