"""The structured report: always written, from the fact sheet and the phrase table alone.

What no label covers is `not_assessed`, never normal. `absent` means that the whole film's score
is not above the operating point; a film above it says nothing about its other zones, because the
classifier scores a film as a whole.
"""

from __future__ import annotations

from xray.labels import LUNG_ZONES, Region
from xray.reports.envelope import (
    SCHEMA_VERSION,
    AiFinding,
    Confidence,
    Envelope,
    RegionFinding,
    Sentence,
    Status,
)
from xray.reports.facts import BandName, FactSheet, Finding
from xray.reports.phrases import (
    PHRASES,
    Language,
    figure,
    label_word,
    listing,
    phrase,
    region_word,
    word,
)
from xray.reports.recommendations import recommend

OTHER_REGIONS = (
    Region.PLEURA,
    Region.HEART_MEDIASTINUM,
    Region.BONES_SOFT_TISSUE,
    Region.DEVICES,
)
LOWERS_CONFIDENCE = frozenset(
    {"population_unknown", "population_adult", "population_mismatch", "unusual_image"}
    | {"orientation_mirrored", "gate_near_threshold", "truncated"}
)
BAND_ORDER: tuple[BandName, ...] = ("above", "borderline", "below")
MOST_IMPRESSIONS = 3


def write_structured(facts: FactSheet, *, language: Language, report_id: str) -> Envelope:
    """The whole report object in one language; the same facts give the same bytes."""
    return Envelope(
        schema_version=SCHEMA_VERSION,
        report_id=report_id,
        study_id=facts.study_id,
        language=language,
        exam={
            "modality": facts.modality,
            "body_part": "CHEST",
            "view": facts.view,
            "laterality_marker": facts.laterality_marker,
            "study_date_shifted": facts.study_date,
        },
        patient={"pseudonym": facts.pseudonym, "age_band": facts.age_band, "sex": facts.sex},
        indication=facts.indication,
        technique=_technique(facts, language),
        comparison=_comparison(facts, language),
        image_quality={
            "gate_score": facts.gate_score,
            "exposure": "not_assessed",
            "truncated": "truncated" in facts.warnings,
            "warnings": list(facts.warnings),
        },
        findings_by_region=_by_region(facts, language),
        ai_findings=[_ai_finding(finding) for finding in facts.findings],
        narrative=[],
        impression=impressions(facts, language),
        confidence=_confidence(facts, language),
        recommendation=recommend(facts, language=language),
        limitations=limitations(facts, language),
        disclaimer=phrase("disclaimer", language),
        model={
            "name": facts.model.name,
            "version": facts.model.version,
            "sha256": facts.model.sha256,
            "trained_on": facts.model.trained_on,
            "metrics": dict(facts.model.metrics),
        },
        generator={
            "mode": "structured",
            "backend": "",
            "llm_model": "",
            "prompt_sha256": "",
            "verification": {},
        },
        review={"status": "pending", "by": "", "at": "", "edits": []},
    )


def describe(finding: Finding, language: Language) -> str:
    """One finding in full: probability, point, interval, and where the heat map points."""
    text = phrase(
        finding.band,
        language,
        label=label_word(finding.label, language),
        probability=figure(finding.probability),
        point=figure(finding.operating_point),
        low=figure(finding.interval[0]),
        high=figure(finding.interval[1]),
    )
    if not finding.is_reported:
        return text
    return (
        f"{text} {_where(finding, language)}"
        if language == "en"
        else text + _where(finding, language)
    )


def impressions(facts: FactSheet, language: Language) -> list[Sentence]:
    """At most three sentences: findings by band and probability, then what was not assessed."""
    if not facts.findings:
        return [Sentence(text=phrase("impression_nothing", language), finding_ids=[])]
    ranked = sorted(
        facts.findings, key=lambda finding: (BAND_ORDER.index(finding.band), -finding.probability)
    )
    sentences = [
        Sentence(text=_impression(finding, language), finding_ids=[finding.id])
        for finding in ranked[: MOST_IMPRESSIONS - 1]
    ]
    only = phrase("impression_only", language, labels=_labels(facts, language))
    return [*sentences, Sentence(text=only, finding_ids=[f.id for f in facts.findings])]


def limitations(facts: FactSheet, language: Language) -> list[str]:
    """The standing limits, then one sentence for each warning of the study."""
    standing = [
        phrase("limit_population", language),
        phrase("limit_labels", language, labels=_labels(facts, language)),
        phrase("limit_heatmap", language),
        phrase("limit_interval", language),
        phrase("limit_single", language),
    ]
    return standing + [_warning(code, language) for code in dict.fromkeys(facts.warnings)]


def _warning(code: str, language: Language) -> str:
    """A code that the table does not know is named as it is, never left out."""
    key = f"warning_{code}"
    if key in PHRASES and code != "other":
        return phrase(key, language)
    return phrase("warning_other", language, code=code)


def _labels(facts: FactSheet, language: Language) -> str:
    keys = dict.fromkeys(finding.label for finding in facts.findings)
    return listing([label_word(key, language) for key in keys], language)


def _impression(finding: Finding, language: Language) -> str:
    place = phrase("place_none", language)
    if finding.region != Region.UNSPECIFIED:
        place = phrase("place_region", language, region=region_word(finding.region, language))
    return phrase(
        f"impression_{finding.band}",
        language,
        label=label_word(finding.label, language),
        probability=figure(finding.probability),
        place=place,
    )


def _where(finding: Finding, language: Language) -> str:
    if finding.region != Region.UNSPECIFIED:
        return phrase("where_heatmap", language, region=region_word(finding.region, language))
    return phrase("where_none" if finding.inside_share is None else "where_unspecified", language)


def _technique(facts: FactSheet, language: Language) -> str:
    points = dict.fromkeys(finding.point_name for finding in facts.findings)
    return phrase(
        "technique",
        language,
        view=phrase("view_known", language, view=facts.view) if facts.view else "",
        model=facts.model.name,
        version=facts.model.version,
        points=listing([word("point", name, language) for name in points], language) or "-",
    )


def _comparison(facts: FactSheet, language: Language) -> dict[str, str]:
    if not facts.prior_report_id:
        return {"prior_report_id": "", "text": phrase("comparison_none", language)}
    text = phrase("comparison_prior", language, prior=facts.prior_report_id)
    return {"prior_report_id": facts.prior_report_id, "text": text}


def _by_region(facts: FactSheet, language: Language) -> list[RegionFinding]:
    """The lung zones, then what no label covers; a finding without a region has its own row."""
    rows = [_zone(region, facts, language) for region in LUNG_ZONES]
    placeless = [f for f in facts.findings if f.is_reported and f.region not in LUNG_ZONES]
    if placeless:
        rows.insert(0, _row(Region.UNSPECIFIED, "present", placeless, language))
    nothing = phrase("not_assessed", language)
    return rows + [
        RegionFinding(region=str(region), status="not_assessed", finding_ids=[], text=nothing)
        for region in OTHER_REGIONS
    ]


def _zone(region: Region, facts: FactSheet, language: Language) -> RegionFinding:
    here = [f for f in facts.findings if f.is_reported and f.region == region]
    if here:
        return _row(region, "present", here, language)
    if facts.findings and not any(f.is_reported for f in facts.findings):
        return _row(region, "absent", list(facts.findings), language)
    key = "zone_not_separate" if facts.findings else "not_assessed"
    return RegionFinding(
        region=str(region), status="not_assessed", finding_ids=[], text=phrase(key, language)
    )


def _row(
    region: Region, status: Status, findings: list[Finding], language: Language
) -> RegionFinding:
    texts = [describe(finding, language) for finding in findings]
    return RegionFinding(
        region=str(region),
        status=status,
        finding_ids=[finding.id for finding in findings],
        text=(" " if language == "en" else "").join(texts),
    )


def _ai_finding(finding: Finding) -> AiFinding:
    return AiFinding(
        id=finding.id,
        label=finding.label,
        probability=finding.probability,
        operating_point=finding.operating_point,
        point_name=finding.point_name,
        band=finding.band,
        interval=list(finding.interval),
        heatmap=finding.inside_share is not None,
        region=str(finding.region),
        laterality=str(finding.side),
        inside_share=finding.inside_share,
    )


def _confidence(facts: FactSheet, language: Language) -> Confidence:
    """Low, moderate or high by the first rule that holds; the rule is part of the answer."""
    level, reason = _confidence_rule(facts)
    return Confidence(
        level=level,
        rule=phrase(
            "confidence_rule",
            language,
            level=word("confidence", level, language),
            reason=phrase(reason, language),
        ),
    )


def _confidence_rule(facts: FactSheet) -> tuple[str, str]:
    if not facts.findings:
        return "low", "confidence_nothing"
    if LOWERS_CONFIDENCE & set(facts.warnings):
        return "low", "confidence_warned"
    if any(finding.band == "borderline" for finding in facts.findings):
        return "low", "confidence_near"
    crossing = (f.interval[0] <= f.operating_point <= f.interval[1] for f in facts.findings)
    if any(crossing):
        return "moderate", "confidence_crossing"
    return "high", "confidence_apart"
