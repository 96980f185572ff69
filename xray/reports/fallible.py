"""`a false positive is possible` is true of every model; `this is one` is a claim that nobody checked."""

from __future__ import annotations

from collections.abc import Iterator

from xray.reports.lexicon import Tag
from xray.reports.problem import Problem
from xray.reports.reading_context import Reading

POSSIBLE = frozenset(
    {
        "can",
        "could",
        "may",
        "might",
        "possible",
        "possibly",
        "possibility",
        "happen",
        "happens",
        "occur",
    }
    | {
        "occurs",
        "cannot",
        "chance",
        "可能",
        "会",
        "可",
        "能",
        "难免",
        "也许",
        "或",
        "不排除",
        "可能性",
        "可能存在",
    }
)
"""That it can happen. `cannot` too: `a false positive cannot be ruled out`."""
PRAISE = frozenset(
    {"correct", "correctly", "true", "truly", "genuine", "genuinely", "real", "really"}
)
PRAISE |= {"正确", "是对的", "对的", "没错", "没有错"}
SCORED = frozenset({Tag.NUMBER, Tag.NEGATION, Tag.CERTAIN})


def check_fallible(reading: Reading) -> Iterator[Problem]:
    """Right and wrong are said only of what a model can do, without a number and not as a fact."""
    for at in range(1, len(reading.tokens)):
        if reading.tokens[at].text == "right" and _is_a_verdict(reading, at):
            yield Problem("claim_without_subject", reading.text, "right")
    for at in reading.where(Tag.FALLIBLE):
        clause = reading.segment_of(at)
        possible = {reading.tokens[place].text for place in clause} & POSSIBLE
        denied = reading.tags_in(clause) & SCORED
        excluded = Tag.EXCLUDE in reading.tags_in(clause)
        praise = reading.tokens[at].text in PRAISE
        if praise or not possible or (denied and not excluded):
            yield Problem("claim_without_subject", reading.text, reading.tokens[at].text)


def _is_a_verdict(reading: Reading, at: int) -> bool:
    """`the classifier is right`, which is no side."""
    if reading.tokens[at - 1].text not in ("is", "was", "be", "are"):
        return False
    before = reading.tags_in(range(reading.segment_of(at).start, at))
    ahead = reading.tags_in(range(at + 1, min(at + 2, len(reading.tokens))))
    spatial = {Tag.SIDE, Tag.LEVEL, Tag.LUNG, Tag.REGION, Tag.HEAT}
    return not before & {Tag.REGION, Tag.HEAT} and not ahead & spatial
