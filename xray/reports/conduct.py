"""What a report must not do: describe the patient, treat, be certain, or vouch for itself."""

from __future__ import annotations

from collections.abc import Iterator

from xray.reports.lexicon import Tag
from xray.reports.problem import Problem
from xray.reports.reading_context import MODALS, Reading

STRICT = frozenset(
    {"diagnosis", "diagnoses", "diagnose", "diagnosing", "replace", "replaces", "replacing"}
    | {"substitute", "substitutes", "approved", "validated", "reliable", "accurate", "trustworthy"}
    | {"certified", "valid", "sufficient", "enough", "suffice", "licensed", "直接", "作出诊断"}
    | {"诊断", "诊断依据", "诊断结论", "取代", "代替", "替代", "医疗器械", "可靠", "有效", "准确"}
)
"""Claims of fitness, which only a denial or a physician makes true."""
NO_NEED = frozenset({"无需", "不需", "不必", "不需要"})


def check_conduct(reading: Reading) -> Iterator[Problem]:
    """Age and sex, treatment, certainty, fitness for use, and the need of a physician."""
    yield from _people(reading)
    yield from _care(reading)
    yield from _certainty(reading)
    yield from _fitness(reading)


def _people(reading: Reading) -> Iterator[Problem]:
    facts = reading.facts
    groups = {"paediatric", "pediatric", "children", "儿科", "儿童", "小儿"}
    for at in reading.where(Tag.AGE):
        text = reading.tokens[at].text
        about_model = reading.has(Tag.TRAIN) or (
            text in groups and reading.has(Tag.MODEL) and not reading.has(Tag.LABEL)
        )
        unknown = "population_unknown" in facts.warnings and text in ("age", "年龄")
        limited = any(
            reading.tokens[n.target].tag in (Tag.DISCLAIM, Tag.AGE) for n in reading.negations
        )
        if not (about_model or unknown or limited):
            yield reading.problem("age", at)
    for at in reading.where(Tag.SEX):
        if reading.tokens[at].value != facts.sex:
            yield reading.problem("sex", at)


def _care(reading: Reading) -> Iterator[Problem]:
    for at in reading.where(Tag.TREATMENT):
        yield reading.problem("treatment", at)
    for at in reading.where(Tag.CARE):
        clause = reading.clause_of(at)
        tags = reading.tags_in(clause)
        purpose = reading.disclaimed(at) or any(n.target == at for n in reading.negations)
        if not (purpose and Tag.NEED not in tags) or _no_need(reading, clause):
            yield reading.problem("treatment", at)


def _no_need(reading: Reading, clause: range) -> bool:
    return any(reading.tokens[place].text in NO_NEED for place in clause)


def _fitness(reading: Reading) -> Iterator[Problem]:
    """`the diagnosis is reliable`, `no review is needed`: nobody may say that of a model."""
    for at in reading.where(Tag.DISCLAIM):
        if reading.tokens[at].text not in STRICT:
            continue
        clause = reading.clause_of(at)
        denied = any(n.at in clause for n in reading.negations) or any(
            reading.tokens[place].value == "denied" for place in clause
        )
        if not denied and not reading.tags_in(clause) & {Tag.ADVICE}:
            yield reading.problem("overclaim", at)
    for negation in reading.negations:
        clause = reading.clause_of(negation.at)
        tags = reading.tags_in(clause)
        needless = reading.tokens[negation.target].tag in (Tag.NEED, Tag.ADVICE) and (
            Tag.NEED in tags or _no_need(reading, clause)
        )
        if needless and Tag.ADVICE in tags:
            yield reading.problem("advice_denied", negation.at)


def _certainty(reading: Reading) -> Iterator[Problem]:
    for at in reading.where(Tag.CERTAIN):
        clause = reading.clause_of(at)
        before = {reading.tokens[place].text for place in range(clause.start, at)}
        denied = any(
            n.target == at or (n.at in clause and n.at < at and n.frame == "harmless")
            for n in reading.negations
        )
        if not denied and not (before & MODALS):
            yield reading.problem("overclaim", at)
