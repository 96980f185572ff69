"""Which problems drop a sentence instead of rejecting the answer, because the reader may be at fault.

A problem contradicts the fact sheet, or it says that the reader could not make a sentence out. A
sentence that denies, defers to a person or says what was not looked at is true or untrue by its
syntax, which is guessed at here. It is not shown either way; the answer need not fall with it.
"""

from __future__ import annotations

from dataclasses import replace

from xray.reports.approximate import COARSE
from xray.reports.figures import SLACK, TOLERANCE
from xray.reports.lexicon import Tag
from xray.reports.problem import Problem
from xray.reports.reading_context import MODALS, Reading

DEFERRING = frozenset({"overclaim", "unsupported_attribute", "advice_denied", "review_claimed"})
"""Doubtful beside a denial, a wish or a person who is to decide."""
LISTED = frozenset({"unassessed_region", "device", "foreign_label", "universal_negation"})
"""Doubtful where something is said not to have been assessed, and nothing is called normal."""
CONDITIONS = frozenset(
    {
        "if",
        "should",
        "when",
        "whenever",
        "unless",
        "如",
        "若",
        "如果",
        "如有",
        "一旦",
        "倘若",
        "假如",
    }
)
FOLLOWING_UP = frozenset(
    {"follow up", "follow-up", "followup", "repeat", "monitoring", "复查", "随访", "观察"}
)
"""Advice that the sheet does not hold, and no treatment."""
URGENT = frozenset(
    {"prompt", "promptly", "soon", "urgent", "urgently", "timely", "as soon as possible"}
)
URGENT |= {"without delay", "尽快", "立即", "紧急"}
"""Haste for a physician's look is no treatment, though nobody ordered it either."""
UNABLE = frozenset({"不足以", "无法", "难以", "insufficient", "inadequate", "unable"})
EVERYDAY = frozenset(
    {"marked", "markedly", "second", "two", "another", "additional", "several", "small", "minor"}
)
EVERYDAY |= {
    "minimal",
    "large",
    "considerable",
    "substantial",
    "early",
    "late",
    "grade",
    "size",
    "extent",
    "big",
}
EVERYDAY |= {
    "大",
    "小",
    "较大",
    "较小",
    "很大",
    "很小",
    "微小",
    "范围",
    "程度",
    "大小",
    "轻",
    "重",
    "同时有",
}
"""Words that size many other things than a disease; those of an organism or a severity do not."""
BESIDE_THE_FINDING = frozenset(
    {
        "foreign_label",
        "treatment",
        "age",
    }
    | {"unsupported_attribute", "overclaim", "asserted_below", "normal"}
)
"""What is not about side, zone, figure or presence of the finding itself."""
WONDERS = frozenset(
    {
        "whether",
        "if",
        "beyond",
        "may",
        "can",
        "could",
        "wrong",
        "是否",
        "若",
        "如",
        "还是",
        "由",
        "可能",
    }
)
WISHES = frozenset({Tag.NEGATION, Tag.ADVICE, Tag.NEED, Tag.DISCLAIM, Tag.NOT_ASSESSED})
OUT_OF_SIGHT = frozenset({Tag.ASSESS, Tag.NOT_ASSESSED})


def weigh(reading: Reading, problem: Problem) -> Problem:
    """The same problem, marked as doubtful where the reader may have misread."""
    if problem.code in BESIDE_THE_FINDING and _denies_or_wonders(reading, problem):
        return replace(problem, doubtful=True)
    if problem.code in DEFERRING:
        texts = {token.text for token in reading.tokens}
        looks = {t.text for t in reading.tokens if t.tag in (Tag.NATURE, Tag.TEXTURE)}
        doubtful = (
            reading.has(*WISHES)
            or bool(texts & (MODALS | {"please"}))
            or problem.detail in looks | EVERYDAY
        )
    elif problem.code in LISTED:
        claims = reading.has(Tag.NORMAL, Tag.FOREIGN, Tag.CHANGE)
        doubtful = reading.has(*OUT_OF_SIGHT) and not claims
    elif problem.code == "normal":
        doubtful = _after_a_denial(reading, problem)
    elif problem.code == "comparison":
        denied = reading.has(Tag.NEGATION, Tag.NOT_ASSESSED) and reading.has(Tag.PRIOR)
        doubtful = denied or problem.detail.startswith(("remain", "persist"))
    elif problem.code == "asserted_below":
        doubtful = any(token.text in CONDITIONS for token in reading.tokens)
    elif problem.code == "label_not_assessed":
        near = all(finding.band == "borderline" for finding in reading.findings)
        asked = {"whether", "是否", "是不是"} & {token.text for token in reading.tokens}
        doubtful = near or bool(asked)
    elif problem.code == "negated":
        unable = any(t.text in UNABLE for t in reading.tokens) and reading.has(Tag.ASSESS)
        doubtful = unable or _gives_the_complement(reading)
        doubtful = doubtful or (bool(reading.negations) and not _names_the_finding(reading))
    elif problem.code == "treatment":
        cared = any(t.text == problem.detail and t.tag == Tag.CARE for t in reading.tokens)
        doubtful = cared and reading.has(Tag.NEGATION, Tag.ASSESS)
        doubtful = doubtful or (
            problem.detail in FOLLOWING_UP or (problem.detail in URGENT and reading.has(Tag.ADVICE))
        )
    elif problem.code == "wrong_number":
        doubtful = (
            _of_the_point(reading, problem)
            or _counts(reading, problem)
            or (problem.detail.startswith("0") and _gives_the_complement(reading))
        )
    else:
        doubtful = False
    return replace(problem, doubtful=True) if doubtful else problem


def _of_the_point(reading: Reading, problem: Problem) -> bool:
    """`less than half of the threshold`: a multiple, which nobody compares."""
    half = problem.detail.split(" as ")[0] in ("half", "一半")
    return half and reading.has(Tag.POINT)


def _after_a_denial(reading: Reading, problem: Problem) -> bool:
    """`this is not a clean bill of health`; `no abnormality` is a phrase of its own and stays."""
    places = [at for at, token in enumerate(reading.tokens) if token.text == problem.detail]
    return any(
        reading.tags_in(range(reading.clause_of(at).start, at)) & {Tag.NEGATION}
        or any(reading.denies_meaning(place) for place in range(reading.clause_of(at).start, at))
        for at in places
    )


def _counts(reading: Reading, problem: Problem) -> bool:
    """`the two are close`, `far from zero`: a whole number in words that measures nothing."""
    said = problem.detail.rpartition(" as ")[0]
    figures = [t.figure for t in reading.tokens if t.text == said and t.figure is not None]
    if any(sign.isdigit() for sign in said) or not figures:
        return False
    return all(f.value in (0, 2) and not f.percent and not f.ratio for f in figures)


def _gives_the_complement(reading: Reading) -> bool:
    """`a chance of 0.349 that it is none` beside a score of 0.651."""
    figures = [token.figure for token in reading.tokens if token.figure is not None]
    return any(
        abs(1 - finding.probability - figure.value)
        <= (COARSE if figure.ratio else TOLERANCE) + SLACK
        for finding in reading.findings
        for figure in figures
    )


def _followed_by_a_label(reading: Reading, words: str) -> bool:
    places = [at for at, token in enumerate(reading.tokens) if token.text == words]
    return any(
        reading.tags_in(range(at + 1, min(at + 5, len(reading.tokens)))) & {Tag.LABEL, Tag.SIGN}
        for at in places
    )


def _denies_or_wonders(reading: Reading, problem: Problem) -> bool:
    """`fever, if any, is left to the clinician`, `cannot decide on antibiotics`; no bare statement."""
    if problem.code == "normal" and not _after_a_denial(reading, problem):
        return False
    if problem.code == "foreign_label" and (
        reading.has(Tag.OTHER, Tag.BARE) or reading.has(Tag.NEGATION)
    ):
        return False  # `no effusion is seen` is a claim, not a thing named in passing
    own = {token.text for token in reading.tokens if token.text != problem.detail}
    return reading.has(Tag.NEGATION, Tag.NOT_ASSESSED) or bool(own & WONDERS)


def _names_the_finding(reading: Reading) -> bool:
    """Whether a denial stands in the part of a sentence that names the finding."""
    return any(
        reading.tags_in(reading.segment_of(negation.at)) & {Tag.LABEL, Tag.SIGN, Tag.NATURE}
        for negation in reading.negations
        if negation.frame == "denied"
    )
