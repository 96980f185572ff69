"""Where a sentence puts a finding: side and zone, above or below its point, and by how much."""

from __future__ import annotations

from collections.abc import Iterator

from xray.labels import LUNG_ZONES, Side
from xray.reports.claims import STRONG_FROM
from xray.reports.facts import Finding
from xray.reports.figures import numbers_beside, over_the_score, reaches_the_score
from xray.reports.idioms import UNDECIDED
from xray.reports.lexicon import Tag
from xray.reports.problem import Problem
from xray.reports.reading_context import Reading

LIKELY_FROM = 0.5
"""Probability from which `likely` is no overstatement."""
LIKELY = frozenset(
    {"more likely than not", "likely", "probable", "probably", "presumed", "很可能", "可能性大"}
)
ALWAYS_NEAR = frozenset(
    {"borderline", "marginal", "equivocal", "indeterminate", "inconclusive", "undecided"}
)
CONTAINS = frozenset({"includes", "include", "contains", "contain", "overlaps", "covers", "spans"})
CONTAINS |= {"straddles", "crosses", "包含", "包括", "跨越", "涵盖", "跨过", "覆盖", "encloses"}
WHOLLY = frozenset(
    {"entirely", "completely", "whole", "entire", "both", "lower bound", "lower limit"}
)
WHOLLY |= {"下限", "下界", "lower end", "均", "都", "完全", "全部", "整个", "fully", "wholly"}
SPATIAL = frozenset({Tag.SIDE, Tag.LEVEL, Tag.LUNG, Tag.REGION, Tag.HEAT})


def check_placing(reading: Reading) -> Iterator[Problem]:
    """Side and region, relation to the operating point, degree."""
    yield from _places(reading)
    yield from _relations(reading)
    yield from _degree(reading)
    yield from _intervals(reading)


def _places(reading: Reading) -> Iterator[Problem]:
    sides, levels = _allowed_places([f for f in reading.findings if f.is_reported])
    mapped, heights = _allowed_places(reading.findings) if reading.has(Tag.HEAT) else (set(), set())
    for at in reading.where(Tag.SIDE):
        value = reading.tokens[at].value
        if _of_the_picture(reading, at):
            yield Problem("wrong_side", reading.text, reading.tokens[at].text)
        if value not in sides | mapped and not _left_as_verb(reading, at):
            yield Problem("wrong_side", reading.text, reading.tokens[at].text)
    for at in reading.where(Tag.LEVEL):
        if reading.tokens[at].text == "下" and at and reading.tokens[at - 1].tag == Tag.POINT:
            if not _under_the_point(reading, at) and not all(
                f.probability < f.operating_point for f in reading.findings
            ):
                yield Problem("wrong_relation", reading.text, reading.tokens[at].text)
            continue
        if reading.tokens[at].value not in levels | heights and not _under_the_point(reading, at):
            yield Problem("wrong_region", reading.text, reading.tokens[at].text)


def _of_the_picture(reading: Reading, at: int) -> bool:
    """`on the right of the picture` is the patient's left; reports name the patient's side."""
    ahead = [token.text for token in reading.tokens[at + 1 : at + 4]]
    return "of" in ahead and any(word in ahead for word in ("picture", "image", "film"))


def _allowed_places(findings: list[Finding]) -> tuple[set[str], set[str]]:
    sides = {str(finding.side) for finding in findings if finding.side != Side.UNSPECIFIED}
    levels = {
        str(finding.region).partition("_")[2]
        for finding in findings
        if finding.region in LUNG_ZONES
    }
    return sides, levels


def _under_the_point(reading: Reading, at: int) -> bool:
    """`在该工作点下，…`: under this setting. `概率在工作点下` would be a comparison."""
    if reading.tokens[at].text != "下" or reading.tokens[at - 1].tag != Tag.POINT:
        return False
    segment = reading.segment_of(at)
    starts = [p for p in range(segment.start, at) if reading.tokens[p].text == "在"]
    if not starts or at + 1 >= len(reading.tokens):
        return False
    after = reading.tokens[at + 1]
    verb = after.tag in (Tag.NEGATION, Tag.PRESENT) or after.text in ("为", "被", "呈", "判")
    return verb or not reading.tags_in(range(segment.start, starts[-1])) & {
        Tag.LABEL, Tag.PROBABILITY,
    }  # fmt: skip


def _left_as_verb(reading: Reading, at: int) -> bool:
    """`is left to the radiologist`."""
    texts = [token.text for token in reading.tokens]
    after = texts[at + 1] if at + 1 < len(texts) else ""
    before = texts[at - 1] if at else ""
    return texts[at] == "left" and after in ("to", "for") and before in ("is", "are", "be", "was")


def _relations(reading: Reading) -> Iterator[Problem]:
    for at in reading.where(Tag.ABOVE, Tag.BELOW):
        if (pair := numbers_beside(reading, at)) is not None:
            left, right = pair
            if (left > right) != (reading.tokens[at].tag == Tag.ABOVE) and left != right:
                yield Problem("wrong_relation", reading.text, reading.tokens[at].text)
            continue
        if reaches_the_score(reading, at) or over_the_score(reading, at):
            continue
        if _is_spatial(reading, at) or _measures_something_else(reading, at):
            continue
        banded = any(token.text in ("band", "分级") for token in reading.tokens)
        if not reading.has(Tag.POINT, Tag.NUMBER) and not banded:
            yield Problem("claim_without_subject", reading.text, reading.tokens[at].text)
        above = (reading.tokens[at].tag == Tag.ABOVE) != reading.negated(at)
        if _inverted(reading, at):
            above = not above
        for finding in reading.findings:
            difference = finding.probability - finding.operating_point
            if (difference > 0) != above and not (difference == 0 and not above):
                yield Problem("wrong_relation", reading.text, reading.tokens[at].text)
            elif (
                finding.band == "borderline"
                and reading.negated(at)
                and not reading.has(Tag.NEAR, Tag.FAR)
                and not any(token.text in ("quite", "fully", "完全") for token in reading.tokens)
            ):
                yield Problem("negated", reading.text, reading.tokens[at].text)
    for at in reading.where(Tag.NEAR):
        near = _means_near(reading, at) and not reading.negated(at)
        if reading.tokens[at].text in ("边界", "边缘") and reading.disclaimed(at):
            continue
        if near and not any(finding.band == "borderline" for finding in reading.findings):
            code = "degree" if reading.tokens[at].text in UNDECIDED else "wrong_relation"
            yield Problem(code, reading.text, reading.tokens[at].text)


def _is_spatial(reading: Reading, at: int) -> bool:
    return bool(reading.tags_in(range(at + 1, min(at + 3, len(reading.tokens)))) & SPATIAL)


def _measures_something_else(reading: Reading, at: int) -> bool:
    """`over 60 % of the mass`, `above 95 % sensitivity`: a share or metric, not the score."""
    ahead = range(at + 1, min(at + 6, len(reading.tokens)))
    tags = reading.tags_in(ahead)
    return bool(tags & {Tag.SHARE, Tag.METRIC, Tag.AGE}) and Tag.POINT not in tags


def _inverted(reading: Reading, at: int) -> bool:
    """`the threshold lies below the probability`, but not `the threshold is exceeded by it`."""
    clause = reading.clause_of(at)
    before = reading.tags_in(range(clause.start, at))
    after = reading.tags_in(range(at + 1, clause.stop))
    passive = {reading.tokens[place].text for place in range(max(clause.start, at - 3), at)}
    if passive & {"is", "was", "been", "being", "are", "were", "被"} and reading.tokens[
        at
    ].text.endswith(("ed", "超过", "突破", "met")):
        return False
    return (
        Tag.POINT in before
        and Tag.PROBABILITY not in before
        and Tag.LABEL not in before
        and Tag.POINT not in after
        and bool(after & {Tag.PROBABILITY, Tag.LABEL})
    )


def _means_near(reading: Reading, at: int) -> bool:
    """`just` and `slightly` only before a comparison."""
    token = reading.tokens[at]
    if at + 1 < len(reading.tokens) and over_the_score(reading, at + 1):
        return False
    if token.text in ALWAYS_NEAR | UNDECIDED or token.text.startswith(
        ("临界", "灰", "边缘", "边界", "难以", "差")
    ):
        return True
    ahead = range(at + 1, min(at + 3, len(reading.tokens)))
    return bool(reading.tags_in(ahead) & {Tag.ABOVE, Tag.BELOW, Tag.POINT})


def _intervals(reading: Reading) -> Iterator[Problem]:
    """`the interval includes the point`, `its lower bound lies above it`."""
    for at, token in enumerate(reading.tokens):
        clause = reading.segment_of(at)
        before = reading.tags_in(range(clause.start, at))
        named = Tag.INTERVAL in before and Tag.POINT in reading.tags_in(range(at, clause.stop))
        if not named or reading.negated(at):
            continue
        for finding in reading.findings:
            low, high = finding.interval
            holds = low <= finding.operating_point <= high
            denied = any(0 < at - n.at <= 3 for n in reading.negations)
            if token.text in CONTAINS and holds == denied:
                yield Problem("wrong_relation", reading.text, token.text)
            words = {t.text for t in reading.tokens[clause.start : clause.stop]}
            if token.tag in (Tag.ABOVE, Tag.BELOW) and words & WHOLLY and holds:
                yield Problem("wrong_relation", reading.text, token.text)


def _degree(reading: Reading) -> Iterator[Problem]:
    for finding in reading.findings:
        for at in reading.where(Tag.STRONG):
            if not reading.negated(at) and finding.probability < STRONG_FROM:
                code = "degree" if finding.is_reported else "asserted_below"
                yield Problem(code, reading.text, reading.tokens[at].text)
        for at in reading.where(Tag.WEAK):
            if not reading.negated(at) and finding.is_reported:
                code = "degree" if finding.band == "borderline" else "negated"
                yield Problem(code, reading.text, reading.tokens[at].text)
        for at in reading.where(Tag.MODERATE):
            if not 0.3 <= finding.probability <= 0.8:
                yield Problem("degree", reading.text, reading.tokens[at].text)
        for at in reading.where(Tag.HEDGE):
            likely = reading.tokens[at].text in LIKELY and not reading.negated(at)
            if likely and finding.probability < LIKELY_FROM:
                yield Problem("degree", reading.text, reading.tokens[at].text)
        for at in reading.where(Tag.FAR):
            ahead = reading.tags_in(range(at + 1, min(at + 3, len(reading.tokens))))
            denied = any(n.at < at <= n.target for n in reading.negations)
            if finding.band == "borderline" and ahead & {Tag.ABOVE, Tag.BELOW} and not denied:
                yield Problem("wrong_relation", reading.text, reading.tokens[at].text)
            elif not ahead & {Tag.ABOVE, Tag.BELOW, Tag.NEAR, Tag.POINT}:
                yield Problem("degree", reading.text, reading.tokens[at].text)
