"""What a sentence claims of a finding: that it is there, or not, or not to be told."""

from __future__ import annotations

from collections.abc import Iterator

from xray.labels import Region, Side
from xray.reports.facts import Finding
from xray.reports.figures import states_probability
from xray.reports.lexicon import Tag
from xray.reports.problem import Problem
from xray.reports.reading_context import MODALS, Negation, Reading
from xray.reports.token import Token

STRONG_FROM = 0.7
"""Probabilities from which a score may be called high."""

SIGN_NOUNS = frozenset({"evidence", "sign", "signs", "feature", "features", "征象", "证据", "表现"})
SUSPECT = frozenset({"suspicious", "suspect", "suspected", "suspicion", "concerning", "concern"})
SUSPECT |= {"可疑", "疑似", "怀疑", "疑", "consistent", "suggestive"}
GIVEN = frozenset({"given", "provided", "named", "stated", "known", "给出", "提供"})
ANCHORS = (Tag.POINT, Tag.PROBABILITY, Tag.MODEL, Tag.NUMBER)
"""With one of these an absence is the model's, below its point, and no fact about the patient."""


def check_claims(reading: Reading) -> Iterator[Problem]:
    """Whether a finding is said to be there, or not, as the fact sheet has it."""
    for negation in reading.negations:
        yield from _denial(reading, negation)
    for at in reading.where(Tag.EXCLUDE):
        if not _exclusion_denied(reading, at) and not _for_a_reader(reading, at):
            yield Problem("negated", reading.text, reading.tokens[at].text)
    yield from _unplaced(reading)
    yield from _placed(reading)
    tied = any(f.id == reading.finding_id and f.is_reported for f in reading.findings)
    for at in reading.where(Tag.SIGN):
        if not reading.has(Tag.LABEL, Tag.NEGATION) and not tied:
            yield Problem("sign_alone", reading.text, reading.tokens[at].text)
    if all(not finding.is_reported for finding in reading.findings):
        yield from _asserted_below(reading)


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


def _placed(reading: Reading) -> Iterator[Problem]:
    """`the zone is given`, where the fact sheet gives none."""
    if all(finding.region != Region.UNSPECIFIED for finding in reading.findings):
        return
    for at, token in enumerate(reading.tokens):
        if token.tag == Tag.REGION and _is_specific(reading, at):
            yield Problem("claim_without_subject", reading.text, token.text)
        if token.tag != Tag.PLACING and token.text not in GIVEN:
            continue
        beside = range(max(0, at - 4), min(at + 4, len(reading.tokens)))
        segment = reading.segment_of(at)
        denied = any(n.at in segment for n in reading.negations) or reading.has(Tag.UNPLACED)
        if Tag.REGION in reading.tags_in(beside) and not denied:
            yield Problem("claim_without_subject", reading.text, token.text)


def _is_specific(reading: Reading, at: int) -> bool:
    """`points to a specific zone`, said without a denial, a question or a person."""
    if reading.negations or reading.not_assessed or reading.has(Tag.UNPLACED, Tag.ADVICE):
        return False
    texts = [token.text for token in reading.tokens]
    led = bool(set(texts[max(0, at - 2) : at]) & {"specific", "particular", "defined", "definite"})
    return led or texts[at].startswith(("明确", "具体", "特定", "单一"))


def _for_a_reader(reading: Reading, at: int) -> bool:
    """`a radiologist must confirm or reject this`."""
    clause = reading.clause_of(at)
    before = {reading.tokens[place].text for place in range(clause.start, at)}
    people = [p for p in range(clause.start, at) if reading.tokens[p].value == "person"]
    if people and "to" in {reading.tokens[place].text for place in range(people[-1], at)}:
        return True
    return bool(before & MODALS) and Tag.ADVICE in reading.tags_in(clause)


def _denial(reading: Reading, negation: Negation) -> Iterator[Problem]:
    target = reading.tokens[negation.target]
    settled = target.tag == Tag.REGION or _no_heat_map(reading, target)
    if negation.frame == "unclear" and not settled:
        yield Problem("unclear_negation", reading.text, target.text)
    if negation.frame != "denied":
        return
    clause, segment = reading.clause_of(negation.at), reading.segment_of(negation.at)
    if any(place in clause for place in reading.not_assessed) or _attached(reading, negation):
        return
    if any(
        n.at < negation.at and n.at in segment and reading.tokens[n.target].tag == Tag.MEAN
        for n in reading.negations
    ) or any(reading.denies_meaning(place) for place in range(segment.start, negation.at)):
        return
    if any(finding.is_reported for finding in reading.findings):
        if _neither(reading, negation) or _not_high(reading, target):
            return
        yield Problem("negated", reading.text, target.text)
    elif reading.tags_in(range(negation.at, clause.stop)) & {Tag.EXCEPT} or not reading.has(
        Tag.LABEL, Tag.SIGN, Tag.ABOVE, Tag.BELOW
    ):
        yield Problem("universal_negation", reading.text, target.text)
    elif (
        target.tag == Tag.LABEL and not reading.has(Tag.POINT) and not _by_the_model(reading)
    ) or (not reading.has(*ANCHORS) and not target.text.startswith(("flag", "标记"))):
        yield Problem("unqualified_absence", reading.text, target.text)


def _not_high(reading: Reading, target: Token) -> bool:
    """`the score is not high`, of one that is not."""
    return target.tag == Tag.STRONG and all(f.probability < STRONG_FROM for f in reading.findings)


def _neither(reading: Reading, negation: Negation) -> bool:
    """`neither supported nor excluded`, of a borderline finding."""
    if reading.tokens[negation.at].text not in ("neither", "既不", "nor"):
        return False
    near = all(finding.band == "borderline" for finding in reading.findings)
    return near and Tag.EXCLUDE in reading.tags_in(reading.clause_of(negation.at))


def _by_the_model(reading: Reading) -> bool:
    """`no pneumonia was flagged by the model (0.031 < 0.437)`: its own absence, with its measure."""
    return reading.has(Tag.MODEL) and reading.has(Tag.NUMBER) and not reading.has(Tag.ADVICE)


def _no_heat_map(reading: Reading, target: Token) -> bool:
    return target.tag == Tag.HEAT and all(f.inside_share is None for f in reading.findings)


def _attached(reading: Reading, negation: Negation) -> bool:
    """`no finding is excluded`: another negation's harmless target takes the denial up."""
    rest = range(negation.target + 1, reading.clause_of(negation.at).stop)
    return any(
        reading.tokens[place].tag == Tag.EXCLUDE and not reading.negated(place) for place in rest
    )


def _exclusion_denied(reading: Reading, at: int) -> bool:
    clause = reading.clause_of(at)
    compared = reading.tags_in(range(at + 1, min(at + 4, clause.stop))) & {Tag.POINT, Tag.NUMBER}
    if reading.negated(at) or (reading.tokens[at].text == "against" and compared):
        return True
    segment = reading.segment_of(at)
    if any(
        n.at in segment and n.target < at and reading.tokens[n.target].text in ("proof", "证明")
        for n in reading.negations
    ):
        return True
    joined = {reading.tokens[place].text for place in range(max(clause.start, at - 2), at)}
    if joined & {"or", "nor", "或", "亦", "也"} and any(
        n.at in clause and n.at < at and reading.tokens[n.target].tag == Tag.CERTAIN
        for n in reading.negations
    ):
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
        if reading.tokens[at].text in SUSPECT and Tag.HEAT in reading.tags_in(clause):
            labels = [*labels, *reading.where(Tag.HEAT)]
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
        measured = tag == Tag.PROBABILITY and reading.tokens[at].text not in ("positive", "阳性")
        if measured or tag == Tag.WEAK:
            return True
        if tag == Tag.BELOW and reading.tokens[at].text in SIGN_NOUNS:
            return True
        if tag == Tag.LABEL:
            return Tag.WEAK in reading.tags_in(range(place + 1, min(place + 4, clause.stop)))
    return False
