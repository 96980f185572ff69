"""TID 2000, Basic Diagnostic Imaging Report: the report as sections of plain text."""

from __future__ import annotations

from collections.abc import Iterator

from highdicom.sr import CodedConcept, ContainerContentItem, RelationshipTypeValues
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from xray.exports.sr_items import comments, context, language, text_item
from xray.exports.words import language_of, plain_line, said, word
from xray.reports import phrases
from xray.reports.envelope import AiFinding, Envelope
from xray.reports.phrases import figure, heading, label_word, region_word

# Heading of the report, concept of the section, concept of its texts (TID 2000, CID 7001, 7002).
_SECTIONS = (
    ("indication", "121109", "Indications for Procedure", "121110", "Patient Presentation"),
    ("technique", "121064", "Current Procedure Descriptions", "121065", "Procedure Description"),
    ("comparison", "121066", "Prior Procedure Descriptions", "121065", "Procedure Description"),
    ("findings", "121070", "Findings", "121071", "Finding"),
    ("impression", "121072", "Impressions", "121073", "Impression"),
    ("recommendation", "121074", "Recommendations", "121075", "Recommendation"),
    ("conclusion", "121076", "Conclusions", "121077", "Conclusion"),
)


def text_report(envelope: Envelope) -> Dataset:
    """The root container."""
    root = ContainerContentItem(
        name=CodedConcept("18748-4", "LN", "Diagnostic imaging report"), template_id="2000"
    )
    root.ContentSequence = Sequence(
        [*language(envelope), *context(envelope), *_sections(envelope), *comments(envelope)]
    )
    plain: Dataset = root
    return plain


def _sections(envelope: Envelope) -> Iterator[Dataset]:
    for key, code, meaning, item_code, item_meaning in _SECTIONS:
        texts = [plain_line(text) for text in _texts(envelope, key)]
        if not any(texts):
            continue
        section = ContainerContentItem(
            name=CodedConcept(code, "DCM", meaning),
            relationship_type=RelationshipTypeValues.CONTAINS,
        )
        section.ContentSequence = Sequence(
            [
                text_item(CodedConcept(item_code, "DCM", item_meaning), text)
                for text in texts
                if text
            ]
        )
        yield section


def _texts(envelope: Envelope, key: str) -> list[str]:
    tongue = language_of(envelope)
    regions = [
        f"{region_word(row['region'], tongue)}: {row['text']}"
        for row in envelope["findings_by_region"]
    ]
    figures = [_figure_line(envelope, finding) for finding in envelope["ai_findings"]]
    narrative = [said(sentence, tongue) for sentence in envelope["narrative"]]
    return {
        "indication": [envelope["indication"]],
        "technique": [envelope["technique"]],
        "comparison": [envelope["comparison"].get("text", "")],
        "findings": [*figures, *regions, *narrative],
        "impression": [said(sentence, tongue) for sentence in envelope["impression"]],
        "recommendation": envelope["recommendation"],
        "conclusion": [envelope["confidence"]["rule"], *envelope["limitations"]],
    }[key]


def _figure_line(envelope: Envelope, finding: AiFinding) -> str:
    tongue = language_of(envelope)
    low, high = finding["interval"]
    line = (
        f"{finding['id']} {label_word(finding['label'], tongue)}: {figure(finding['probability'])};"
        f" {heading('interval', tongue)} {figure(low)}-{figure(high)};"
        f" {heading('operating_point', tongue)} {figure(finding['operating_point'])};"
        f" {phrases.word('band', finding['band'], tongue)};"
        f" {region_word(finding['region'], tongue)}"
    )
    share = finding["inside_share"]
    return line if share is None else f"{line}; {word('share', tongue)} {figure(share)}"
