"""What a report must not do: describe the patient, treat, be certain, or vouch for itself."""

from __future__ import annotations

from collections.abc import Iterator

from xray.reports.conduct_words import (
    ASKING,
    CASES,
    CHILD_BANDS,
    DONE,
    EXACT,
    FIELD,
    FITNESS,
    HOSPITALS,
    IN_USE,
    IS,
    LEFT_TO,
    NAMED,
    NEVER_OURS,
    NO_NEED,
    OLDER,
    ORDERS,
    OURS,
    PATIENTS,
    SEVERAL,
    SUFFERS,
)
from xray.reports.lexicon import Tag
from xray.reports.problem import Problem
from xray.reports.reading_context import MODALS, Reading


def check_conduct(reading: Reading) -> Iterator[Problem]:
    """Age and sex, treatment, certainty, fitness for use, and the need of a physician."""
    yield from _people(reading)
    yield from _care(reading)
    yield from _certainty(reading)
    yield from _patient_has(reading)
    yield from _fitness(reading)
    yield from _physicians(reading)


def _people(reading: Reading) -> Iterator[Problem]:
    facts = reading.facts
    groups = {"paediatric", "pediatric", "children", "儿科", "儿童", "小儿", "young"}
    denied = bool(reading.negations) or bool(reading.not_assessed)
    for at in reading.where(Tag.AGE):
        text = reading.tokens[at].text
        about_model = reading.has(Tag.TRAIN) or (
            text in groups and reading.has(Tag.MODEL) and not reading.has(Tag.LABEL)
        )
        unknown = "population_unknown" in facts.warnings and text in ("age", "年龄")
        limited = any(
            reading.tokens[n.target].tag in (Tag.DISCLAIM, Tag.AGE) for n in reading.negations
        )
        if not (about_model or unknown or limited) or (text in OLDER and not denied):
            beside = reading.tags_in(range(max(0, at - 3), min(at + 4, len(reading.tokens))))
            named = text.removesuffix("'s") in NAMED and Tag.NUMBER not in beside
            if named and (_meaning_denied(reading, at) or facts.age_band in CHILD_BANDS):
                continue
            yield reading.problem("person_named" if named else "age", at)
    texts = [token.text for token in reading.tokens]
    for at in reading.where(Tag.TRAIN):
        ours = {"this", "该", "本", "该患者", "本片", "该片", "本例"} & set(texts[at + 1 :])
        here = {
            "film",
            "image",
            "patient",
            "患者",
            "本片",
            "该片",
            "本例",
            "hospital",
            "本院",
            "我院",
        }
        if (ours and here & set(texts[at + 1 :])) or (
            set(texts) & SEVERAL and set(texts) & HOSPITALS
        ):
            yield reading.problem("claim_without_subject", at)
    for at in reading.where(Tag.SEX):
        if reading.tokens[at].value != facts.sex:
            yield reading.problem("sex", at)


def _care(reading: Reading) -> Iterator[Problem]:
    for at in reading.where(Tag.TREATMENT):
        factor = reading.tokens[at].text == "twice" and reading.has(Tag.POINT)
        yield reading.problem("claim_without_subject" if factor else "treatment", at)
    for at in reading.where(Tag.CARE):
        clause = reading.clause_of(at)
        before = {reading.tokens[place].text for place in range(clause.start, at)}
        purpose = reading.disclaimed(at) or any(n.target == at for n in reading.negations)
        texts = {reading.tokens[place].text for place in clause}
        deferred = ("before" in before or bool(texts & LEFT_TO)) and _persons(reading, clause)
        if deferred and reading.tokens[at].text.startswith("decision"):
            continue
        if not (purpose and Tag.NEED not in reading.tags_in(clause)) or _no_need(reading, clause):
            yield reading.problem("treatment", at)


def _no_need(reading: Reading, clause: range) -> bool:
    return any(reading.tokens[place].text in NO_NEED for place in clause)


def _persons(reading: Reading, clause: range) -> bool:
    return any(
        reading.tokens[p].tag == Tag.ADVICE and reading.tokens[p].value == "person" for p in clause
    )


def _denied_in(reading: Reading, clause: range) -> bool:
    return any(n.at in clause for n in reading.negations) or any(
        reading.denies_meaning(place) for place in clause
    )


def _fitness(reading: Reading) -> Iterator[Problem]:
    """`the diagnosis is reliable`, `no review is needed`: nobody may say that of a model."""
    for at in reading.where(Tag.DISCLAIM):
        text, clause = reading.tokens[at].text, reading.clause_of(at)
        if _denied_in(reading, clause) or _leads_to_a_place(reading, at):
            continue
        field = any(reading.tokens[place].text in FIELD for place in clause)
        vouches = (
            text in NEVER_OURS
            or (text in FITNESS and not _persons(reading, clause))
            or (text in IN_USE and field)
        )
        if vouches:
            yield reading.problem("overclaim", at)
    for at in reading.where(Tag.NEED):
        if reading.tokens[at].text in ("unnecessary", "superfluous"):
            yield reading.problem("advice_denied", at)
    for negation in reading.negations:
        clause = reading.clause_of(negation.at)
        tags = reading.tags_in(clause)
        needless = reading.tokens[negation.target].tag in (Tag.NEED, Tag.ADVICE) and (
            Tag.NEED in tags or _no_need(reading, clause)
        )
        if needless and Tag.ADVICE in tags:
            yield reading.problem("advice_denied", negation.at)


def _leads_to_a_place(reading: Reading, at: int) -> bool:
    """`定位于右下肺野`, `localises to the right`: where the map lies, no claim of its worth."""
    if at + 1 >= len(reading.tokens) or "定位" not in reading.tokens[at].text:
        return False
    ahead = reading.tags_in(range(at + 1, min(at + 6, len(reading.tokens))))
    joined = reading.tokens[at + 1].text in (":", "于", "为", "在", "到", "至")
    return joined and bool(ahead & {Tag.SIDE, Tag.LEVEL, Tag.REGION})


def _physicians(reading: Reading) -> Iterator[Problem]:
    """`a radiologist agreed` would be a fact that nobody gave; `should review` is advice."""
    texts = {token.text for token in reading.tokens}
    for at in reading.where(Tag.ADVICE):
        if reading.tokens[0].text in ORDERS or texts & {"must be"}:
            continue
        if texts & {"suggested"} and not reading.has(Tag.LABEL, Tag.SIGN):
            continue
        if not texts & ASKING and not reading.has(Tag.NEED, Tag.NEGATION) and not _is_to(reading):
            yield reading.problem("review_claimed", at)


def _is_to(reading: Reading) -> bool:
    """`radiologist to confirm`, `only a physician can decide`."""
    texts = [token.text for token in reading.tokens]
    people = [at for at in reading.where(Tag.ADVICE) if reading.tokens[at].value == "person"]
    reserved = bool({"only", "只有", "仅", "只能"} & set(texts)) and bool(
        {"can", "may", "能", "才能", "可"} & set(texts)
    )
    return bool(people) and (reserved or any(texts[at + 1 : at + 2] == ["to"] for at in people))


def _certainty(reading: Reading) -> Iterator[Problem]:
    for at in reading.where(Tag.CERTAIN):
        clause = reading.clause_of(at)
        before = {reading.tokens[place].text for place in range(clause.start, at)}
        denied = reading.disclaimed(at) or any(
            n.target == at or (n.at in clause and n.at < at and n.frame == "harmless")
            for n in reading.negations
        )
        place = reading.has(Tag.UNPLACED) or any(
            n.frame == "unplaced" or reading.tokens[n.target].tag == Tag.REGION
            for n in reading.negations
        )
        beside = reading.tags_in(range(at + 1, min(at + 3, len(reading.tokens))))
        if place and (reading.tokens[at].text in EXACT or Tag.REGION in beside):
            continue
        if _asks_a_person(reading, at) or _must_be_done(reading, at):
            continue
        if not denied and not (before & MODALS):
            yield reading.problem("overclaim", at)


def _must_be_done(reading: Reading, at: int) -> bool:
    """`must be correlated`, `radiologist to confirm`; not `must be pneumonia`."""
    texts = [token.text for token in reading.tokens]
    if texts[at] in ("must be", "has to be", "have to be"):
        return texts[at + 1 : at + 2] != [] and texts[at + 1] in DONE
    after_person = at >= 2 and texts[at - 1] == "to" and reading.tokens[at - 2].value == "person"
    return after_person and texts[at] in ("confirm", "verify", "determine")


def _asks_a_person(reading: Reading, at: int) -> bool:
    """`must be reviewed by a radiologist`, `radiologist confirmation is needed`."""
    clause = reading.clause_of(at)
    text = reading.tokens[at].text
    if text == "确诊":
        return (
            _persons(reading, clause)
            and reading.tokens[at + 1 : at + 2] != []
            and (reading.tokens[at + 1].text in MODALS | {"有待", "仍", "尚"})
        )
    asked = text == "must be" or text in ("confirmation", "确认", "confirm", "证实")
    texts = {reading.tokens[place].text for place in clause}
    wish = text == "must be" or Tag.NEED in reading.tags_in(clause) or bool(texts & ASKING)
    followed = reading.tags_in(range(at + 1, min(at + 3, clause.stop))) & {Tag.LABEL, Tag.SIGN}
    return asked and wish and _persons(reading, clause) and not (text == "must be" and followed)


def _meaning_denied(reading: Reading, at: int) -> bool:
    """`does not establish that the child has pneumonia`, `并不等于患儿得了肺炎`."""
    segment = reading.segment_of(at)
    return any(reading.denies_meaning(place) for place in range(segment.start, at)) or any(
        n.at in segment
        and n.target in range(n.at, at)
        and reading.tokens[n.target].tag in (Tag.MEAN, Tag.CERTAIN, Tag.PROBABILITY)
        and "that" in {token.text for token in reading.tokens[n.target : at]}
        for n in reading.negations
    )


def _patient_has(reading: Reading) -> Iterator[Problem]:
    """`the patient has pneumonia`: the model scores a film, it knows no patient."""
    for at, token in enumerate(reading.tokens):
        if token.text not in PATIENTS | CASES and token.tag != Tag.HEAT:
            continue
        segment = reading.segment_of(at)
        for verb in range(at + 1, min(at + 5, segment.stop)):
            if reading.tokens[verb].tag in (Tag.HEDGE, Tag.NEGATION, Tag.PROBABILITY, Tag.HEAT):
                break
            is_case = token.text not in PATIENTS
            if reading.tokens[verb].text not in (IS if is_case else SUFFERS):
                loose = token.tag == Tag.HEAT and reading.tokens[verb].tag in (Tag.WORD, Tag.REGION)
                if is_case and not loose:
                    break
                continue
            ahead = range(verb + 1, segment.stop)
            label = next((p for p in ahead if reading.tokens[p].tag in (Tag.LABEL, Tag.SIGN)), None)
            if label is None or reading.wondered(verb) or _meaning_denied(reading, at):
                break
            words = reading.tags_in(range(verb + 1, label)) <= {Tag.WORD, Tag.SIDE, Tag.LEVEL}
            if is_case and not words:
                break
            if is_case and {t.text for t in reading.tokens[verb + 1 : label + 3]} & OURS:
                break
            between = reading.tags_in(range(verb + 1, min(label + 2, segment.stop)))
            if not between & {Tag.HEDGE, Tag.PROBABILITY, Tag.NUMBER, Tag.NEGATION, Tag.STRONG}:
                yield reading.problem("overclaim", label)
            break
