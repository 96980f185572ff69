"""What a sentence claims of a finding: present or not, where, and how it lies to its point."""

from __future__ import annotations

from collections.abc import Iterator

from xray.labels import LUNG_ZONES, Region, Side
from xray.reports.facts import Finding
from xray.reports.figures import states_probability
from xray.reports.lexicon import Tag
from xray.reports.problem import Problem
from xray.reports.reading import Token
from xray.reports.reading_context import MODALS, Negation, Reading

LIKELY_FROM = 0.5
STRONG_FROM = 0.7
LIKELY = frozenset(["likely", "probable", "probably", "很可能", "可能性大", "presumed"])
ALWAYS_NEAR = frozenset(
    ["borderline", "marginal", "equivocal", "indeterminate", "inconclusive", "undecided"]
)
SPATIAL = frozenset({Tag.SIDE, Tag.LEVEL, Tag.LUNG, Tag.REGION, Tag.HEAT})
ANCHORS = (Tag.POINT, Tag.PROBABILITY, Tag.MODEL, Tag.NUMBER)


def check_claims(reading: Reading) -> Iterator[Problem]:
    """Side and region, relation to the point, presence, degree."""
    yield from _places(reading)
    yield from _relations(reading)
    yield from _presence(reading)
    yield from _degree(reading)


def states(reading: Reading, finding: Finding) -> bool:
    """Whether the sentence puts this reported finding forward, so that it is not left out."""
    tied = reading.finding_id == finding.id
    named = (*reading.where(Tag.LABEL), *(reading.where(Tag.SIGN) if tied else ()))
    if not any(reading.tokens[at].value == finding.label for at in named):
        return False
    if reading.has(Tag.ABOVE, Tag.NEAR, Tag.STRONG) or states_probability(reading, finding):
        return True
    asserted = [at for at in reading.where(Tag.PRESENT, Tag.HEDGE) if not reading.negated(at)]
    return bool(asserted) or not reading.has(
        Tag.NEGATION, Tag.DISCLAIM, Tag.TRAIN, Tag.ASSESS, Tag.NOT_ASSESSED, Tag.EXCLUDE
    )


def _places(reading: Reading) -> Iterator[Problem]:
    sides, levels = _allowed_places(reading.findings)
    for at in reading.where(Tag.SIDE):
        value = reading.tokens[at].value
        if _of_the_picture(reading, at):
            yield Problem("wrong_side", reading.text, reading.tokens[at].text)
        if value not in sides and not _left_as_verb(reading, at):
            yield Problem("wrong_side", reading.text, reading.tokens[at].text)
    for at in reading.where(Tag.LEVEL):
        if reading.tokens[at].value not in levels:
            yield Problem("wrong_region", reading.text, reading.tokens[at].text)


def _of_the_picture(reading: Reading, at: int) -> bool:
    """`on the right of the picture` is the patient's left; reports name the patient's side."""
    ahead = [token.text for token in reading.tokens[at + 1 : at + 4]]
    return "of" in ahead and any(word in ahead for word in ("picture", "image", "film"))


def _allowed_places(findings: list[Finding]) -> tuple[set[str], set[str]]:
    reported = [finding for finding in findings if finding.is_reported]
    sides = {str(finding.side) for finding in reported if finding.side != Side.UNSPECIFIED}
    levels = {
        str(finding.region).partition("_")[2]
        for finding in reported
        if finding.region in LUNG_ZONES
    }
    return sides, levels


def _left_as_verb(reading: Reading, at: int) -> bool:
    """`is left to the radiologist`."""
    texts = [token.text for token in reading.tokens]
    after = texts[at + 1] if at + 1 < len(texts) else ""
    before = texts[at - 1] if at else ""
    return texts[at] == "left" and after in ("to", "for") and before in ("is", "are", "be", "was")


def _relations(reading: Reading) -> Iterator[Problem]:
    for at in reading.where(Tag.ABOVE, Tag.BELOW):
        if _is_spatial(reading, at) or _measures_something_else(reading, at):
            continue
        if not reading.has(Tag.POINT, Tag.NUMBER):
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
            ):
                yield Problem("negated", reading.text, reading.tokens[at].text)
    for at in reading.where(Tag.NEAR):
        near = _means_near(reading, at) and not reading.negated(at)
        if near and not any(finding.band == "borderline" for finding in reading.findings):
            yield Problem("wrong_relation", reading.text, reading.tokens[at].text)


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
    if token.text in ALWAYS_NEAR or token.text.startswith(("临界", "灰", "边缘", "边界", "难以")):
        return True
    ahead = range(at + 1, min(at + 3, len(reading.tokens)))
    return bool(reading.tags_in(ahead) & {Tag.ABOVE, Tag.BELOW, Tag.POINT})


def _presence(reading: Reading) -> Iterator[Problem]:
    for negation in reading.negations:
        yield from _denial(reading, negation)
    for at in reading.where(Tag.EXCLUDE):
        if not _exclusion_denied(reading, at) and not _for_a_reader(reading, at):
            yield Problem("negated", reading.text, reading.tokens[at].text)
    yield from _unplaced(reading)
    tied = any(f.id == reading.finding_id and f.is_reported for f in reading.findings)
    for at in reading.where(Tag.SIGN):
        if not reading.has(Tag.LABEL, Tag.NEGATION) and not tied:
            yield Problem("sign_alone", reading.text, reading.tokens[at].text)
    if all(not finding.is_reported for finding in reading.findings):
        yield from _asserted_below(reading)


def _unplaced(reading: Reading) -> Iterator[Problem]:
    """`no particular zone` holds where the fact sheet gives none."""
    said = [
        *reading.where(Tag.UNPLACED),
        *(n.target for n in reading.negations if n.frame == "unplaced"),
        *(n.target for n in reading.negations if reading.tokens[n.target].tag == Tag.REGION),
    ]
    for at in said:
        about_side = any(
            t.text in ("side", "侧别") for t in reading.tokens[max(0, at - 3) : at + 1]
        )
        for finding in reading.findings:
            open_place = finding.region == Region.UNSPECIFIED
            if about_side:
                open_place = finding.side == Side.UNSPECIFIED
            if not open_place and finding.band != "borderline":
                yield Problem("unclear_negation", reading.text, reading.tokens[at].text)


def _for_a_reader(reading: Reading, at: int) -> bool:
    """`a radiologist must confirm or reject this`."""
    clause = reading.clause_of(at)
    before = {reading.tokens[place].text for place in range(clause.start, at)}
    return bool(before & MODALS) and Tag.ADVICE in reading.tags_in(clause)


def _denial(reading: Reading, negation: Negation) -> Iterator[Problem]:
    target = reading.tokens[negation.target]
    settled = target.tag == Tag.REGION or _no_heat_map(reading, target)
    if negation.frame == "unclear" and not settled:
        yield Problem("unclear_negation", reading.text, target.text)
    if negation.frame != "denied":
        return
    clause = reading.clause_of(negation.at)
    if any(place in clause for place in reading.not_assessed) or _attached(reading, negation):
        return
    if any(finding.is_reported for finding in reading.findings):
        yield Problem("negated", reading.text, target.text)
    elif reading.tags_in(range(negation.at, clause.stop)) & {Tag.EXCEPT} or not reading.has(
        Tag.LABEL, Tag.SIGN, Tag.ABOVE, Tag.BELOW
    ):
        yield Problem("universal_negation", reading.text, target.text)
    elif (target.tag == Tag.LABEL and not reading.has(Tag.POINT)) or (
        not reading.has(*ANCHORS) and not target.text.startswith(("flag", "标记"))
    ):
        yield Problem("unqualified_absence", reading.text, target.text)


def _no_heat_map(reading: Reading, target: Token) -> bool:
    return target.tag == Tag.HEAT and all(f.inside_share is None for f in reading.findings)


def _attached(reading: Reading, negation: Negation) -> bool:
    """`no finding is excluded`: another negation's harmless target takes the denial up."""
    tags = reading.tags_in(range(negation.target + 1, reading.clause_of(negation.at).stop))
    return Tag.EXCLUDE in tags


def _exclusion_denied(reading: Reading, at: int) -> bool:
    clause = reading.clause_of(at)
    compared = reading.tags_in(range(at + 1, min(at + 4, clause.stop))) & {Tag.POINT, Tag.NUMBER}
    if reading.negated(at) or (reading.tokens[at].text == "against" and compared):
        return True
    return any(
        negation.at in clause
        and reading.tokens[negation.target].tag in (Tag.MEAN, Tag.DISCLAIM, Tag.PRESENT)
        and (negation.at < at or reading.tokens[negation.target].tag == Tag.MEAN)
        for negation in reading.negations
    ) or any(reading.tokens[place].value == "denied" for place in clause)


def _asserted_below(reading: Reading) -> Iterator[Problem]:
    """A label below its point may be measured and denied, never put forward."""
    labels = [*reading.where(Tag.LABEL, Tag.SIGN)]
    meta = reading.has(
        Tag.BELOW, Tag.WEAK, Tag.NUMBER, Tag.NEGATION, Tag.PROBABILITY, Tag.TRAIN,
        Tag.NOT_ASSESSED, Tag.DISCLAIM, Tag.EXCLUDE, Tag.EXCEPT,
    )  # fmt: skip
    if labels and not meta:
        code = "claim_without_subject" if reading.has(Tag.ASSESS) else "asserted_below"
        yield Problem(code, reading.text, reading.tokens[labels[0]].text)
    for at in reading.where(Tag.PRESENT, Tag.HEDGE):
        clause = reading.clause_of(at)
        if not any(label in clause for label in labels) or _governed(reading, at):
            continue
        yield Problem("asserted_below", reading.text, reading.tokens[at].text)


def _governed(reading: Reading, at: int) -> bool:
    """Whether the word is denied, or only introduces a figure (`shows a probability of`)."""
    clause = reading.clause_of(at)
    if any((n.at in clause and n.at < at) or n.target == at for n in reading.negations):
        return True
    if reading.wondered(at) or any(at < n.at <= at + 2 for n in reading.negations):
        return True
    if reading.tags_in(range(clause.start, at)) & {Tag.WEAK}:
        return True
    for place in range(at + 1, clause.stop):
        tag = reading.tokens[place].tag
        if tag in (Tag.PROBABILITY, Tag.NUMBER, Tag.BELOW, Tag.WEAK):
            return True
        if tag == Tag.LABEL:
            return Tag.WEAK in reading.tags_in(range(place + 1, min(place + 4, clause.stop)))
    return False


def _degree(reading: Reading) -> Iterator[Problem]:
    for finding in reading.findings:
        for at in reading.where(Tag.STRONG):
            if not reading.negated(at) and finding.probability < STRONG_FROM:
                code = "degree" if finding.is_reported else "asserted_below"
                yield Problem(code, reading.text, reading.tokens[at].text)
        for at in reading.where(Tag.WEAK):
            if not reading.negated(at) and finding.is_reported:
                yield Problem("negated", reading.text, reading.tokens[at].text)
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
