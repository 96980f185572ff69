"""Numbers in a sentence: what each one is said to be, and whether the fact sheet agrees."""

from __future__ import annotations

from collections.abc import Iterator

from xray.reports.approximate import COARSE, is_a_frequency, rounds_to
from xray.reports.facts import BORDERLINE, Finding
from xray.reports.lexicon import Tag
from xray.reports.problem import Problem
from xray.reports.reading_context import Reading

TOLERANCE = 0.005
SLACK = 1e-9
REACH = 9
"""Tokens back from a number within which the noun that names it is looked for."""
TRAINED_YEARS = (1.0, 5.0)
INTERVAL_LEVEL = 0.95
POINT_RULES = {"screening": ("sensitivity", 0.95), "rule_in": ("ppv", 0.8)}
"""How an operating point was chosen, see choices.PointName."""

_NAMES = {
    Tag.POINT: "point",
    Tag.PROBABILITY: "probability",
    Tag.INTERVAL: "interval",
    Tag.DIFFERENCE: "difference",
    Tag.SHARE: "share",
    Tag.GATE: "gate",
    Tag.METRIC: "metric",
    Tag.AGE: "age",
    Tag.ABOVE: "point",
    Tag.BELOW: "point",
}
_JOINS = frozenset(["and", "to", "-", "~", ",", "至", "到", "和", "与", "(", "through"])
_RANGES = frozenset({"-", "~", "to", "and", "至", "到", "和", "与"})
_ENDS = frozenset({"of", "is", "was", "for", "lies", "的", "为", "是", "在", "，"})
_SIGNS = frozenset({">", "<", "≥", "≤"})
_REACHING = frozenset({"达", "达到", "已达", "已达到", "reaches", "reached", "reach"})
_BEHIND_NUMBER = frozenset({"以上", "以下"})
_VERSUS = frozenset({"versus", "vs", "against", "than", "比"})


def check_figures(reading: Reading) -> Iterator[Problem]:
    """A number must be one of the facts, in the role that the sentence gives it."""
    roles: dict[int, str] = {}
    for at in reading.where(Tag.NUMBER):
        token = reading.tokens[at]
        if token.value == "date":
            if token.text != reading.facts.study_date:
                yield Problem("wrong_number", reading.text, token.text)
            continue
        roles[at] = role_of(reading, at, roles)
        if not _agrees(reading, at, roles[at]):
            code = "age" if roles[at] == "age" else "wrong_number"
            yield Problem(code, reading.text, f"{token.text} as {roles[at] or 'number'}")


def numbers_beside(reading: Reading, sign: int) -> tuple[float, float] | None:
    """The two numbers of `0.912 > 0.437`; None when the sign stands otherwise."""
    if reading.tokens[sign].text not in _SIGNS or not 0 < sign < len(reading.tokens) - 1:
        return None
    left, right = reading.tokens[sign - 1].figure, reading.tokens[sign + 1].figure
    return (left.value, right.value) if left and right else None


def reaches_the_score(reading: Reading, at: int) -> bool:
    """`概率达到 0.912` names the probability, and compares it with nothing."""
    number = reading.tokens[at + 1].figure if at + 1 < len(reading.tokens) else None
    if number is None or reading.tokens[at].text not in _REACHING:
        return False
    segment = reading.segment_of(at)
    start = segment.start if segment.start < at else reading.clause_of(at).start
    named = reading.tags_in(range(start, at)) & {Tag.PROBABILITY, Tag.LABEL}
    compared = reading.tags_in(range(at + 1, min(at + 5, segment.stop))) & {Tag.POINT}
    return bool(named) and not compared


def over_the_score(reading: Reading, at: int) -> bool:
    """`just over 91 %`, `91 % 以上` of a score of 0.912: how the score rounds, no comparison."""
    tokens = reading.tokens
    if tokens[at].tag not in (Tag.ABOVE, Tag.BELOW) or tokens[at].text in _SIGNS:
        return False
    place = at - 1 if tokens[at].text in _BEHIND_NUMBER else at + 1
    if place < len(tokens) and tokens[place].text in ("a", "an", "about"):
        place += 1
    figure = tokens[place].figure if 0 <= place < len(tokens) else None
    ahead = reading.tags_in(range(at + 1, min(at + 5, reading.segment_of(at).stop)))
    named = reading.tags_in(range(reading.clause_of(at).start, at)) & {Tag.PROBABILITY, Tag.LABEL}
    if figure is None or not named or Tag.POINT in ahead or is_a_frequency(reading, place):
        return False
    above = tokens[at].tag == Tag.ABOVE
    return all(
        (
            _near(figure.value, f.probability)
            or (figure.ratio and abs(figure.value - f.probability) <= COARSE)
        )
        and not _near(figure.value, f.operating_point)
        and (f.probability >= figure.value if above else f.probability <= figure.value)
        for f in reading.findings
    )


def _compared(reading: Reading, at: int) -> str:
    """Which side of `0.912 > 0.437` this number is: the larger or smaller one by the facts."""
    for sign, other in ((at + 1, at + 2), (at - 1, at - 2)):
        if not 0 < sign < len(reading.tokens) or numbers_beside(reading, sign) is None:
            continue
        figure = reading.tokens[other].figure
        point = figure and any(_near(figure.value, f.operating_point) for f in reading.findings)
        return "probability" if point else "point"
    return ""


def _is_the_gap(reading: Reading, at: int) -> bool:
    """`0.015 above the operating point`: a difference, where it is the difference."""
    figure = reading.tokens[at].figure
    ahead = reading.tags_in(range(at + 1, min(at + 2, len(reading.tokens))))
    beside = reading.tags_in(range(at + 2, min(at + 6, len(reading.tokens))))
    point = bool(beside & {Tag.POINT, Tag.MODE})
    return bool(
        figure
        and point
        and ahead & {Tag.ABOVE, Tag.BELOW}
        and all(
            _near(figure.value, abs(f.probability - f.operating_point)) for f in reading.findings
        )
    )


def role_of(reading: Reading, at: int, known: dict[int, str]) -> str:
    """The noun just after (`91 % probability`) or before (`a threshold of 0.437`), or nothing."""
    if compared := _compared(reading, at):
        return compared
    if _is_the_gap(reading, at):
        return "difference"
    if at and reaches_the_score(reading, at - 1):
        return "probability"
    if any(at >= back and over_the_score(reading, at - back) for back in (1, 2)) or (
        at + 1 < len(reading.tokens)
        and reading.tokens[at + 1].text in _BEHIND_NUMBER
        and over_the_score(reading, at + 1)
    ):
        return "probability"
    if at and reading.tokens[at - 1].text == "高出":
        return "difference"
    before, distance = _before(reading, at, known)
    after = _after(reading, at)
    if after == "versus":
        return (
            "probability"
            if before not in ("point", "either") or _bracketed(reading, at)
            else before
        )
    if _bracketed(reading, at) and _both_named(reading, at):
        return "either"
    if after == "part" or is_a_frequency(reading, at):
        mapped = after == "part" and Tag.HEAT in reading.tags_in(reading.clause_of(at))
        return "share" if mapped else "extent"
    if after == "extent":
        mapped = Tag.HEAT in reading.tags_in(range(reading.segment_of(at).start, at))
        return before if before in ("probability", "share") else "share" if mapped else after
    if _metric_before(reading, at):
        return "metric"
    if after in ("interval", "metric") or (after and not (before and distance <= 2)):
        return after
    return before or after


def states_probability(reading: Reading, finding: Finding) -> bool:
    """Whether some number of the sentence is this finding's probability."""
    return any(
        (figure := reading.tokens[at].figure) and _near(figure.value, finding.probability)
        for at in reading.where(Tag.NUMBER)
    )


def _before(reading: Reading, at: int, known: dict[int, str]) -> tuple[str, int]:
    weak, weak_distance = "", REACH
    if _is_difference(reading, at):
        return "difference", 1
    for back in range(at - 1, max(-1, at - REACH), -1):
        token = reading.tokens[back]
        if token.tag in (Tag.STOP, Tag.BUT):
            break
        if token.tag == Tag.NUMBER:
            joined = {reading.tokens[between].text for between in range(back + 1, at)}
            role = known.get(back, "")
            return (role, at - back) if joined <= _JOINS and role else (weak, weak_distance)
        if token.text in _VERSUS:
            return "point", at - back
        if token.tag in (Tag.LABEL, Tag.MODEL) and not weak:
            weak, weak_distance = "probability", at - back
            continue
        if weak and token.text in (":", ",", "("):
            break
        if token.text in _JOINS:
            continue
        if token.text == "by" and back == at - 1:
            return "difference", 1
        if name := _NAMES.get(token.tag):
            if name == "point" and reading.tokens[at - 1].text in (",", "("):
                compared = reading.tokens[max(0, back - 2) : back]
                if any(t.tag in (Tag.ABOVE, Tag.BELOW) for t in compared):
                    return "either", at - back
                if reading.tokens[at - 1].text == ",":
                    return "", REACH
            return name, at - back
    return weak, weak_distance


def _metric_before(reading: Reading, at: int) -> bool:
    """`the sensitivity of this result is 0.953`: the measure stands first in its clause."""
    clause = reading.clause_of(at)
    for back in range(at - 1, max(clause.start, at - REACH) - 1, -1):
        tag = reading.tokens[back].tag
        if tag in (Tag.NUMBER, Tag.POINT, Tag.LABEL):
            return False
        if tag == Tag.METRIC:
            return True
    return False


def _bracketed(reading: Reading, at: int) -> bool:
    return at > 0 and reading.tokens[at - 1].text == "("


def _both_named(reading: Reading, at: int) -> bool:
    """`the score is close to the threshold (58 % and 55 %)`, where nothing says which is larger."""
    tags = reading.tags_in(range(reading.clause_of(at).start, at))
    if not all(finding.band == "borderline" for finding in reading.findings):
        return False
    named = {Tag.PROBABILITY, Tag.POINT, Tag.NEAR} <= tags
    return named and not tags & {Tag.ABOVE, Tag.BELOW, Tag.NUMBER}


def _is_difference(reading: Reading, at: int) -> bool:
    """`the gap between the two is 0.475`: the noun stands before both names."""
    clause = reading.clause_of(at)
    back = range(max(clause.start, at - REACH), at)
    nouns = [place for place in back if reading.tokens[place].tag == Tag.DIFFERENCE]
    return bool(nouns) and Tag.NUMBER not in reading.tags_in(range(nouns[-1], at))


def _after(reading: Reading, at: int) -> str:
    """Adjacent, but for an article or an adjective; a range's first number looks past the other."""
    place = at + 1
    while place < min(at + 4, len(reading.tokens)):
        token = reading.tokens[place]
        if token.tag in (Tag.STOP, Tag.BUT):
            return ""
        if token.text in _VERSUS:
            return "versus"
        if token.text in _RANGES and not _number_at(reading, place + 1):
            return ""
        if token.tag == Tag.NUMBER or token.text in _RANGES:
            place += 1
            continue
        if token.tag in (Tag.SIGN, Tag.LUNG, Tag.SIDE, Tag.LEVEL, Tag.REGION):
            return "extent"
        if token.text in ("of", "的"):
            return _of(reading, place)
        if place == at + 1 and token.text in ("is", "was", "为", "是"):
            return _named_by(reading, place)
        name = _NAMES.get(token.tag, "")
        if token.tag in (Tag.ABOVE, Tag.BELOW, Tag.NEAR):
            return "probability"
        if name or token.value in ("sign", "comma") or token.text in _ENDS:
            return name
        place += 1
    return ""


def _named_by(reading: Reading, verb: int) -> str:
    """`0.437 is the probability`; nothing when more than an article stands between."""
    for token in reading.tokens[verb + 1 : verb + 4]:
        if token.tag in (Tag.PROBABILITY, Tag.POINT):
            return _NAMES[token.tag]
        if token.text not in ("the", "a", "its", "model", "classifier"):
            break
    return ""


def _number_at(reading: Reading, place: int) -> bool:
    return place < len(reading.tokens) and reading.tokens[place].tag == Tag.NUMBER


def _of(reading: Reading, place: int) -> str:
    """`88 % of the lung` is an extent, which nobody measured."""
    ahead = reading.tags_in(range(place + 1, min(place + 4, reading.segment_of(place).stop)))
    if Tag.POINT in ahead and not ahead & {Tag.LUNG, Tag.SIDE}:
        return "point"
    if ahead & {Tag.HEAT, Tag.SHARE}:
        return "share"
    if Tag.METRIC in ahead and Tag.PROBABILITY not in ahead:
        return "metric"
    return "part" if ahead & {Tag.LUNG, Tag.SIDE, Tag.LEVEL} and Tag.SHARE not in ahead else ""


def _agrees(reading: Reading, at: int, role: str) -> bool:
    figure = reading.tokens[at].figure
    if figure is None:
        return False
    allowed = list(_allowed(reading, role))
    values = {figure.value}
    if not figure.percent and figure.value > 1 and _percent_follows(reading, at):
        values = {figure.value / 100}
    rounded = figure.ratio and role == "probability"
    if rounded and any(
        over_the_score(reading, place)
        for place in (at - 2, at - 1, at + 1)
        if 0 <= place < len(reading.tokens)
    ):
        return True
    if any(_near(value, fact) for value in values for fact in allowed):
        return True
    return figure.ratio and any(
        rounds_to(reading, at, fact)
        for finding in reading.findings
        for fact in _roundable(finding, role)
    )


def _roundable(finding: Finding, role: str) -> Iterator[float]:
    """The one fact of each role that `about` may round."""
    if role in ("probability", ""):
        yield finding.probability
    elif role == "point":
        yield finding.operating_point
    elif role == "share" and finding.inside_share is not None:
        yield finding.inside_share


def _percent_follows(reading: Reading, at: int) -> bool:
    """`86 to 95 %`: the sign stands behind the second number alone."""
    later = reading.tokens[at + 1 : at + 4]
    if any(token.tag == Tag.PERCENT for token in reading.tokens[at + 1 : at + 3]):
        return True  # `9 percentage points`, `9个百分点`
    return any(token.figure and token.figure.percent for token in later)


def _allowed(reading: Reading, role: str) -> Iterator[float]:
    facts = reading.facts
    if role == "age":
        yield from TRAINED_YEARS if reading.has(Tag.TRAIN, Tag.MODEL) else ()
        return
    named = {reading.tokens[place].value for place in reading.where(Tag.METRIC)}
    if role == "metric":
        yield from (value for key, value in facts.model.metrics.items() if key in named)
    if role == "gate":
        yield facts.gate_score
    for finding in reading.findings:
        rule = POINT_RULES.get(finding.point_name)
        if role in ("probability", "either", ""):
            yield finding.probability
        if role in ("point", "either", ""):
            yield finding.operating_point
        if role in ("interval", ""):
            yield from finding.interval
            yield INTERVAL_LEVEL
        if role in ("difference", "") or reading.has(Tag.NEAR):
            yield abs(finding.probability - finding.operating_point)
            yield from (BORDERLINE,) if finding.band == "borderline" else ()
        if role in ("share", "") and finding.inside_share is not None:
            yield finding.inside_share
        if role == "metric" and rule is not None and rule[0] in named:
            yield rule[1]


def _near(value: float, fact: float) -> bool:
    return abs(value - fact) <= TOLERANCE + SLACK
