"""What the fact sheet knows nothing of: it may be named only to say that it was not assessed."""

from __future__ import annotations

from collections.abc import Iterator

from xray.reports.lexicon import Tag
from xray.reports.problem import Problem
from xray.reports.reading_context import CLAIMING, MODALS, OBJECTS, Reading

OWN = frozenset({Tag.LABEL, Tag.SIGN, Tag.PROBABILITY, Tag.MODEL, Tag.HEAT})
_CODES = {
    Tag.FOREIGN: "foreign_label",
    Tag.ORGAN: "unassessed_region",
    Tag.DEVICE: "device",
    Tag.OTHER: "foreign_label",
}
HARMLESS_TARGETS = frozenset({Tag.EXCLUDE, Tag.MEAN, Tag.DISCLAIM, Tag.PURPOSE, Tag.CERTAIN})


def check_scope(reading: Reading) -> Iterator[Problem]:
    """Organs, other diseases, devices, priors, ages, treatment, certainty, normality."""
    yield from _objects(reading)
    yield from _normal(reading)
    yield from _label_not_assessed(reading)
    yield from _attributes(reading)
    yield from _prior(reading)
    yield from _people(reading)
    yield from _care(reading)
    yield from _certainty(reading)


def _problem(reading: Reading, code: str, at: int) -> Problem:
    return Problem(code, reading.text, reading.tokens[at].text)


def _disclaimed(reading: Reading, at: int) -> bool:
    """Whether a negation before it, in its clause, denies a meaning, use or exclusion."""
    clause = reading.clause_of(at)
    if any(
        reading.tokens[n].tag == Tag.MEAN and reading.tokens[n].value == "denied"
        for n in range(clause.start, at)
    ):
        return True
    return any(
        negation.at in clause
        and negation.at < at
        and reading.tokens[negation.target].tag in HARMLESS_TARGETS
        for negation in reading.negations
    )


def _objects(reading: Reading) -> Iterator[Problem]:
    for at in reading.where(*OBJECTS):
        token = reading.tokens[at]
        if token.tag == Tag.OTHER and (_disclaimed(reading, at) or _after_exclusion(reading, at)):
            continue
        if token.tag == Tag.FOREIGN and _disclaimed_meaning(reading, at):
            continue
        if reading.not_assessed and not _claims_about(reading, at):
            continue
        denied = any(n.target == at or n.frame == "denied" for n in reading.negations)
        if token.tag == Tag.OTHER and denied:
            yield _problem(reading, "universal_negation", at)
        else:
            yield _problem(reading, _CODES[token.tag], at)


def _after_exclusion(reading: Reading, at: int) -> bool:
    """`other diseases are not excluded`: the denied exclusion may stand behind."""
    clause = reading.clause_of(at)
    return any(
        negation.at in clause and reading.tokens[negation.target].tag in (Tag.EXCLUDE, Tag.MEAN)
        for negation in reading.negations
    )


def _disclaimed_meaning(reading: Reading, at: int) -> bool:
    clause = reading.clause_of(at)
    return any(
        negation.at in clause and reading.tokens[negation.target].tag == Tag.MEAN
        for negation in reading.negations
    )


def _claims_about(reading: Reading, at: int) -> bool:
    """Whether a word of finding or degree is nearer to this object than to what is our own."""
    clause = reading.clause_of(at)
    objects = [place for place in clause if reading.tokens[place].tag in OBJECTS]
    own = [place for place in clause if reading.tokens[place].tag in OWN]
    if not any(place in clause for place in reading.not_assessed):
        return True
    for place in clause:
        token = reading.tokens[place]
        if token.tag not in CLAIMING or place in objects:
            continue
        if token.tag == Tag.PRESENT and token.text in ("finding", "findings", "发现", "征象"):
            continue
        ours = min((abs(place - mine) for mine in own), default=99)
        if min(abs(place - theirs) for theirs in objects) <= ours:
            return True
    return False


def _normal(reading: Reading) -> Iterator[Problem]:
    for at in reading.where(Tag.NORMAL):
        if not _disclaimed(reading, at):
            yield _problem(reading, "normal", at)


def _label_not_assessed(reading: Reading) -> Iterator[Problem]:
    """`pneumonia was not assessed` is false; `nothing beyond pneumonia was` is true."""
    for at in reading.not_assessed:
        clause = reading.clause_of(at)
        tags = reading.tags_in(clause)
        if Tag.EXCEPT in tags:
            continue
        objects = [place for place in clause if reading.tokens[place].tag in OBJECTS]
        for label in (p for p in clause if reading.tokens[p].tag in (Tag.LABEL, Tag.LUNG)):
            listed = any(_listed(reading, label, place) for place in objects)
            others = bool(objects) or bool(tags & {Tag.CHANGE, Tag.PRIOR, Tag.ATTRIBUTE})
            if (not others and not _separate(reading, label, at)) or (
                listed and reading.tokens[label].tag == Tag.LABEL
            ):
                yield _problem(reading, "label_not_assessed", label)


def _separate(reading: Reading, label: int, at: int) -> bool:
    """Whether the label is the object of a claim of its own within the clause."""
    between = range(min(label, at), max(label, at))
    return bool(reading.tags_in(between) & {Tag.PROBABILITY, Tag.PRESENT, Tag.REGION, Tag.POINT})


def _listed(reading: Reading, one: int, other: int) -> bool:
    """Joined by nothing but `and`, `or`, commas and plain words without a verb."""
    joins = {"and", "or", "nor", ",", "、", "和", "与", "及", "以及", "或", "the", "a", "any"}
    between = reading.tokens[min(one, other) + 1 : max(one, other)]
    return len(between) <= 3 and all(token.text in joins for token in between)


def _attributes(reading: Reading) -> Iterator[Problem]:
    for at in reading.where(Tag.ATTRIBUTE):
        clause = reading.clause_of(at)
        if any(place in clause for place in reading.not_assessed):
            continue
        yield _problem(reading, "unsupported_attribute", at)
    for at in reading.where(Tag.PLACE):
        yield _problem(reading, "wrong_region", at)
    for at in reading.where(Tag.VIEW):
        view = reading.tokens[at].value
        if view == "lateral" and (reading.not_assessed or reading.has(Tag.NEGATION)):
            continue
        if view != reading.facts.view:
            yield _problem(reading, "wrong_view", at)


def _prior(reading: Reading) -> Iterator[Problem]:
    on_file = bool(reading.facts.prior_report_id)
    for at in reading.where(Tag.PRIOR):
        clause = reading.clause_of(at)
        absent = any(n.frame in ("prior", "not_assessed") for n in reading.negations) or any(
            n.at in clause for n in reading.negations
        )
        if not (absent or reading.not_assessed) or (on_file and not reading.not_assessed):
            yield _problem(reading, "comparison", at)
    for at in reading.where(Tag.CHANGE):
        clause = reading.clause_of(at)
        about_advice = reading.tokens[at].text.startswith("remain") and not reading.has(
            Tag.LABEL, Tag.SIGN, Tag.PRESENT
        )
        if not any(place in clause for place in reading.not_assessed) and not about_advice:
            yield _problem(reading, "comparison", at)


def _people(reading: Reading) -> Iterator[Problem]:
    facts = reading.facts
    adjectives = {"paediatric", "pediatric", "儿科"}
    for at in reading.where(Tag.AGE):
        text = reading.tokens[at].text
        about_model = reading.has(Tag.TRAIN) or (text in adjectives and reading.has(Tag.MODEL))
        unknown = "population_unknown" in facts.warnings and text in ("age", "年龄")
        limited = any(
            reading.tokens[n.target].tag in (Tag.DISCLAIM, Tag.AGE) for n in reading.negations
        )
        if not (about_model or unknown or limited):
            yield _problem(reading, "age", at)
    for at in reading.where(Tag.SEX):
        if reading.tokens[at].value != facts.sex:
            yield _problem(reading, "sex", at)


def _care(reading: Reading) -> Iterator[Problem]:
    for at in reading.where(Tag.TREATMENT):
        yield _problem(reading, "treatment", at)
    for at in reading.where(Tag.CARE):
        clause = reading.clause_of(at)
        tags = reading.tags_in(clause)
        purpose = _disclaimed(reading, at) or any(n.target == at for n in reading.negations)
        if not (purpose and Tag.NEED not in tags):
            yield _problem(reading, "treatment", at)


def _certainty(reading: Reading) -> Iterator[Problem]:
    for at in reading.where(Tag.CERTAIN):
        clause = reading.clause_of(at)
        before = {reading.tokens[place].text for place in range(clause.start, at)}
        denied = any(
            n.target == at or (n.at in clause and n.at < at and n.frame == "harmless")
            for n in reading.negations
        )
        if not denied and not (before & MODALS):
            yield _problem(reading, "overclaim", at)
