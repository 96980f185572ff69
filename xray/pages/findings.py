"""The figures of a study for the pages: the very ones of the fact sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xray.findings import VIRAL
from xray.models import Prediction, Study
from xray.pages.cards import BADGES, band_word
from xray.pages.viewer import page_language
from xray.reports.phrases import figure, label_word, region_word, word
from xray.services.facts import stored_facts

if TYPE_CHECKING:
    from xray.reports.facts import Finding

VALUE = 1.2  # how broad the mark of a probability is drawn, in percent of the scale


@dataclass(frozen=True, kw_only=True)
class FindingRow:
    """One finding in words and figures."""

    id: str
    name: str
    probability: str
    operating_point: str
    point_name: str
    low: str
    high: str
    band: str
    badge: str
    region: str
    scale: Scale


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Where probability, interval and operating point lie, in percent from the left; SVG takes
    plain numbers, whatever the language."""

    probability: str
    low: str
    width: str
    point: str


@dataclass(frozen=True, kw_only=True)
class Research:
    """Which of the two kinds of pneumonia the network leans to; was never calibrated."""

    viral: str
    bacterial: str


def finding_rows(study: Study) -> list[FindingRow]:
    """In the order of the fact sheet, whose ids the sentences of the reports point to."""
    return [_row(finding) for finding in stored_facts(study).findings]


def finding_row_of(entry: dict[str, Any]) -> FindingRow:
    """The same of an entry of `ai_findings` in a stored envelope."""
    from xray.labels import Region, Side
    from xray.reports.facts import Finding

    return _row(
        Finding(
            id=entry["id"],
            label=entry["label"],
            probability=entry["probability"],
            operating_point=entry["operating_point"],
            point_name=entry["point_name"],
            band=entry["band"],
            interval=(entry["interval"][0], entry["interval"][1]),
            region=Region(entry["region"]),
            side=Side(entry["laterality"]),
            inside_share=entry["inside_share"],
        )
    )


def research_of(study: Study) -> Research | None:
    """None unless pneumonia itself was reported: a kind of nothing is no finding."""
    rows = {row.label: row for row in study.predictions.all()}
    viral: Prediction | None = rows.get(VIRAL)
    main = [row for row in rows.values() if not row.is_research]
    if viral is None or not any(row.band != "below" for row in main):
        return None
    return Research(viral=figure(viral.probability), bacterial=figure(1 - viral.probability))


def _row(finding: Finding) -> FindingRow:
    language = page_language()
    low, high = finding.interval
    return FindingRow(
        id=finding.id,
        name=label_word(finding.label, language),
        probability=figure(finding.probability),
        operating_point=figure(finding.operating_point),
        point_name=word("point", finding.point_name, language),
        low=figure(low),
        high=figure(high),
        band=band_word(finding.band),
        badge=BADGES[finding.band],  # type: ignore[index]  # a StrEnum's value
        region=region_word(finding.region, language),
        scale=Scale(
            probability=f"{min(max(finding.probability * 100 - VALUE / 2, 0), 100 - VALUE):.1f}",
            low=f"{low * 100:.1f}",
            width=f"{(high - low) * 100:.1f}",
            point=f"{finding.operating_point * 100:.1f}",
        ),
    )
