"""What the fact sheet knows nothing of: it may be named only to say that it was not assessed."""

from __future__ import annotations

from collections.abc import Iterator

from xray.labels import LUNG_ZONES
from xray.reports.lexicon import Tag
from xray.reports.problem import Problem
from xray.reports.reading_context import CLAIMING, OBJECTS, Negation, Reading

UNKNOWN_OBJECTS = frozenset(
    {Tag.REGION, Tag.CHANGE, Tag.PRIOR, Tag.ATTRIBUTE, Tag.AGE, Tag.NATURE, Tag.TEXTURE, Tag.MEAN}
)
"""What else may truly be said not to have been assessed."""
NOUNS = frozenset({"finding", "findings", "feature", "features", "sign", "signs", "changes"})
NOUNS |= {
    "pattern",
    "patterns",
    "appearances",
    "发现",
    "征象",
    "表现",
    "所见",
    "改变",
    "特征",
    "迹象",
}
"""`other features were not assessed` claims none."""
COMPARING = frozenset(
    {"compared", "compare", "compares", "comparison", "相比", "比较", "对比", "对照"}
)
STILL = frozenset({"still", "仍", "仍然", "依然", "仍旧"})
VISIBLE = frozenset(
    {
        "seen",
        "visible",
        "present",
        "evident",
        "there",
        "detected",
        "detectable",
        "可见",
        "见",
        "存在",
        "有",
        "看到",
        "见到",
    }
)
"""`still visible` compares with an earlier film."""
SIZES = frozenset(
    {"small", "minor", "minimal", "tiny", "小", "较小", "很小", "微小", "轻微", "微弱"}
)
GREAT = frozenset({"large", "considerable", "substantial", "big", "marked", "大", "较大", "很大"})
REASONS = frozenset({"due to", "由于", "cause", "原因"})
RESULTS = frozenset({Tag.PROBABILITY, Tag.POINT, Tag.ABOVE, Tag.BELOW, Tag.NEAR, Tag.NUMBER})
PLURAL = frozenset({"zones", "lobes"})
WHOLE = frozenset({"whole", "entire", "all", "complete", "total", "整个", "全部", "全"})
EVERY = WHOLE | {"every", "everything", "each", "fully", "所有", "均", "一切", "已"}
"""Extent of a finding, and of an assessment: neither is known."""
OWN = frozenset({Tag.LABEL, Tag.SIGN, Tag.PROBABILITY, Tag.MODEL, Tag.HEAT})
_CODES = {
    Tag.FOREIGN: "foreign_label",
    Tag.ORGAN: "unassessed_region",
    Tag.DEVICE: "device",
    Tag.OTHER: "foreign_label",
    Tag.BARE: "foreign_label",
}


def check_scope(reading: Reading) -> Iterator[Problem]:
    """Organs, other diseases, devices, normality, attributes of a finding, priors and change."""
    yield from _objects(reading)
    yield from _normal(reading)
    yield from _label_not_assessed(reading)
    yield from _everything_assessed(reading)
    yield from _exclusive(reading)
    yield from _attributes(reading)
    yield from _prior(reading)


def _objects(reading: Reading) -> Iterator[Problem]:
    for at in reading.where(*OBJECTS):
        token = reading.tokens[at]
        if token.tag == Tag.BARE and _is_the_label(reading, at):
            continue
        if token.tag in (Tag.OTHER, Tag.BARE) and (
            reading.disclaimed(at) or _after_exclusion(reading, at)
        ):
            continue
        if token.text in ("任何", "任何其他") and _denies_a_relation(reading, at):
            continue
        if token.tag == Tag.FOREIGN and _disclaimed_meaning(reading, at):
            continue
        if reading.not_assessed and not _claims_about(reading, at):
            continue
        denied = any(n.target == at or n.frame == "denied" for n in reading.negations)
        if token.tag in (Tag.OTHER, Tag.BARE) and denied:
            yield reading.problem("universal_negation", at)
        else:
            yield reading.problem(_CODES[token.tag], at)


def _is_the_label(reading: Reading, at: int) -> bool:
    """`an abnormality suggestive of pneumonia`: the finding itself, where it is reported."""
    reported = any(finding.is_reported for finding in reading.findings)
    denied = any(negation.target == at for negation in reading.negations)
    return reported and not denied and reading.has(Tag.LABEL)


def _after_exclusion(reading: Reading, at: int) -> bool:
    """`other diseases are not excluded`: the denied exclusion may stand behind."""
    clause = reading.clause_of(at)
    return any(
        negation.at in clause and reading.tokens[negation.target].tag in (Tag.EXCLUDE, Tag.MEAN)
        for negation in reading.negations
    )


def _denies_a_relation(reading: Reading, at: int) -> bool:
    """`没有任何标签高于工作点`."""
    return any(n.frame == "relation" and n.at < at <= n.target for n in reading.negations)


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
        if reading.wondered(place):
            continue
        if token.tag == Tag.PRESENT and token.text in NOUNS:
            continue
        ours = min((abs(place - mine) for mine in own), default=99)
        if min(abs(place - theirs) for theirs in objects) <= ours:
            return True
    return False


def _normal(reading: Reading) -> Iterator[Problem]:
    for at in reading.where(Tag.NORMAL):
        if not reading.disclaimed(at):
            yield reading.problem("normal", at)


def _everything_assessed(reading: Reading) -> Iterator[Problem]:
    """`all regions were assessed`: only the labels were."""
    for at in reading.where(Tag.ASSESS):
        clause = reading.clause_of(at)
        every = any(reading.tokens[place].text in EVERY for place in clause)
        denied = at in reading.not_assessed or any(n.at in clause for n in reading.negations)
        if every and not denied and not reading.tags_in(clause) & {Tag.LABEL, Tag.NOT_ASSESSED}:
            yield reading.problem("unassessed_region", at)


def _exclusive(reading: Reading) -> Iterator[Problem]:
    """`pneumonia is the only finding` says that there is no other."""
    scored = {Tag.ASSESS, Tag.NOT_ASSESSED, Tag.NUMBER, Tag.PROBABILITY, Tag.POINT, Tag.TRAIN}
    for at in reading.where(Tag.EXCEPT):
        tags = reading.tags_in(reading.clause_of(at))
        spatial = tags & {Tag.SIDE, Tag.LEVEL, Tag.LUNG} and tags & {Tag.PRESENT, Tag.HEAT}
        introduces = reading.tokens[at].text == "only" and _introduces(reading, at)
        placed = bool(spatial) and not introduces
        if (Tag.LABEL in tags or placed) and not tags & scored:
            yield reading.problem("exclusive", at)


def _introduces(reading: Reading, at: int) -> bool:
    """`which is only an aid`: what something is for, not where alone it lies."""
    return any(t.text in ("a", "an", "for", "as", "meant") for t in reading.tokens[at + 1 : at + 2])


def _label_not_assessed(reading: Reading) -> Iterator[Problem]:
    """`pneumonia was not assessed` is false; `nothing beyond pneumonia was` is true."""
    for at in reading.not_assessed:
        clause = reading.clause_of(at)
        tags = reading.tags_in(clause)
        if Tag.EXCEPT in tags:
            continue
        if not tags & (OBJECTS | UNKNOWN_OBJECTS):
            if {Tag.PRESENT, Tag.EXCLUDE} <= tags and all(
                finding.band != "above" for finding in reading.findings
            ):
                continue
            code = "label_not_assessed" if tags & {Tag.LABEL, Tag.LUNG} else "claim_without_subject"
            if code == "claim_without_subject" or not _separate_any(reading, clause, at):
                yield reading.problem(code, at)
        objects = [place for place in clause if reading.tokens[place].tag in OBJECTS]
        for label in (p for p in clause if reading.tokens[p].tag in (Tag.LABEL, Tag.LUNG)):
            both = {Tag.PRESENT, Tag.EXCLUDE} <= tags
            if both and all(finding.band != "above" for finding in reading.findings):
                continue
            listed = any(_listed(reading, label, place) for place in objects)
            others = bool(objects) or bool(tags & {Tag.CHANGE, Tag.PRIOR, Tag.ATTRIBUTE})
            if (not others and not _separate(reading, label, at)) or (
                listed and reading.tokens[label].tag == Tag.LABEL
            ):
                yield reading.problem("label_not_assessed", label)


def _separate(reading: Reading, label: int, at: int) -> bool:
    """Whether the label is the object of a claim of its own within the clause."""
    between = range(min(label, at), max(label, at))
    return bool(reading.tags_in(between) & {Tag.PROBABILITY, Tag.PRESENT, Tag.REGION, Tag.POINT})


def _separate_any(reading: Reading, clause: range, at: int) -> bool:
    labels = [p for p in clause if reading.tokens[p].tag in (Tag.LABEL, Tag.LUNG)]
    return all(_separate(reading, label, at) for label in labels)


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
        if (size := _of_a_difference(reading, at)) is not None:
            if not size:
                yield reading.problem("degree", at)
            continue
        if not _gives_the_reason(reading, at) and not _meaning_denied(reading, at):
            yield reading.problem("unsupported_attribute", at)
    for at in (p for p, token in enumerate(reading.tokens) if token.text in WHOLE):
        ahead = reading.tokens[at + 1 : at + 4]
        if any(t.tag in (Tag.SIDE, Tag.LEVEL) or t.text == "lung" for t in ahead) or (
            Tag.LABEL in {t.tag for t in ahead} and reading.has(Tag.HEAT)
        ):
            yield reading.problem("unsupported_attribute", at)
    for at in (p for p, token in enumerate(reading.tokens) if token.text in EVERY):
        next_tags = reading.tags_in(range(at + 1, min(at + 3, len(reading.tokens))))
        if Tag.REGION in next_tags and not reading.not_assessed:
            yield reading.problem("unsupported_attribute", at)
    for at in reading.where(Tag.REGION):
        several = reading.tokens[at].text in PLURAL and (
            reading.has(Tag.LABEL, Tag.SIGN) or (reading.has(Tag.HEAT) and not reading.negations)
        )
        if several and not reading.not_assessed:
            yield reading.problem("wrong_region", at)
    for at in reading.where(Tag.REGION):
        any_of_them = reading.tokens[at].text.startswith(("任何", "任一", "哪"))
        if any_of_them and not reading.negations and not reading.not_assessed:
            yield reading.problem("claim_without_subject", at)
    for at in reading.where(Tag.MOST):
        by_score = "贡献" in reading.tokens[at].text and reading.has(Tag.PROBABILITY)
        if not by_score and not reading.has(Tag.HEAT, Tag.SHARE):
            yield reading.problem("claim_without_subject", at)
    for at in reading.where(Tag.MODE):
        modes = {finding.point_name for finding in reading.findings}
        if reading.has(Tag.POINT) and reading.tokens[at].value not in modes:
            yield reading.problem("wrong_point", at)
    for at in reading.where(Tag.TEXTURE):
        if not _is_part_of_a_sign(reading, at):
            yield reading.problem("unsupported_attribute", at)
    for at in reading.where(Tag.NATURE):
        if not _is_the_label(reading, at):
            yield reading.problem("unsupported_attribute", at)
    for at in reading.where(Tag.PLACE):
        yield reading.problem("wrong_region", at)
    for at in reading.where(Tag.VIEW):
        view = reading.tokens[at].value
        if view == "lateral" and (reading.not_assessed or reading.has(Tag.NEGATION)):
            continue
        if view != reading.facts.view:
            yield reading.problem("wrong_view", at)


def _of_a_difference(reading: Reading, at: int) -> bool | None:
    """Whether `the difference is small` holds; None where the word sizes something else."""
    tags = reading.tags_in(reading.segment_of(at))
    other = {Tag.SIDE, Tag.LEVEL, Tag.LUNG, Tag.REGION, Tag.SIGN, Tag.BARE, Tag.HEAT} | OBJECTS
    text = reading.tokens[at].text
    if Tag.DIFFERENCE not in tags or tags & other or text not in SIZES | GREAT:
        return None
    near = all(finding.band == "borderline" for finding in reading.findings)
    denied = any(n.target == at for n in reading.negations)
    return ((text in SIZES) == near) != denied


def _meaning_denied(reading: Reading, at: int) -> bool:
    """`概率不代表病情的严重程度`."""
    segment = reading.segment_of(at)
    return any(reading.denies_meaning(place) for place in range(segment.start, at)) or any(
        n.at in segment and n.target < at and reading.tokens[n.target].tag == Tag.MEAN
        for n in reading.negations
    )


def _gives_the_reason(reading: Reading, at: int) -> bool:
    """`because of a probability above the point`: of the report, not of the disease."""
    segment = reading.segment_of(at)
    tags = reading.tags_in(range(at + 1, segment.stop))
    return reading.tokens[at].text in REASONS and bool(tags & RESULTS)


def _is_part_of_a_sign(reading: Reading, at: int) -> bool:
    """`patchy opacity`, `focal` only where a zone is given, `faint` only at the borderline."""
    beside = range(max(0, at - 2), min(at + 3, len(reading.tokens)))
    if not reading.tags_in(beside) & {Tag.SIGN, Tag.BARE, Tag.NATURE}:
        return False
    kind = reading.tokens[at].value
    if kind == "one":
        return all(finding.region in LUNG_ZONES for finding in reading.findings)
    if kind == "borderline":
        return all(finding.band == "borderline" for finding in reading.findings)
    return any(finding.is_reported for finding in reading.findings)


def _prior(reading: Reading) -> Iterator[Problem]:
    on_file = bool(reading.facts.prior_report_id)
    for at in reading.where(Tag.PRIOR):
        clause = reading.clause_of(at)
        if _with_the_point(reading, at):
            continue
        absent = any(_says_absent(reading, n, at) for n in reading.negations)
        if not (absent or reading.not_assessed) or (on_file and not reading.not_assessed):
            yield reading.problem("comparison", at)
    for clause in reading.clauses:
        last = [place for place in clause if reading.tokens[place].value != "sign"][-1:]
        if last and reading.tokens[last[0]].text == "before":
            yield reading.problem("comparison", last[0])
    for at in reading.where(Tag.BUT):
        ahead = {token.text for token in reading.tokens[at + 1 : at + 3]}
        if reading.tokens[at].text in STILL and ahead & VISIBLE:
            yield reading.problem("comparison", at)
    for at in reading.where(Tag.CHANGE):
        clause = reading.clause_of(at)
        if not any(place in clause for place in reading.not_assessed) and not _stays(reading, at):
            yield reading.problem("comparison", at)


def _says_absent(reading: Reading, negation: Negation, at: int) -> bool:
    """`no earlier film`, `was not available`; not `is not above the earlier film`."""
    if negation.frame in ("prior", "not_assessed"):
        return True
    target = reading.tokens[negation.target].tag
    open_end = negation.frame == "unclear" and target in (Tag.NEGATION, Tag.NEED, Tag.MODEL)
    loose = negation.frame in ("harmless", "other") or open_end
    return loose and negation.at in reading.clause_of(at) and abs(negation.at - at) <= 8


def _with_the_point(reading: Reading, at: int) -> bool:
    """`compared with the operating point`, and with nothing earlier."""
    segment = reading.segment_of(at)
    beside = range(max(segment.start, at - 5), min(at + 6, segment.stop))
    others = [p for p in reading.where(Tag.PRIOR, Tag.CHANGE) if p != at]
    return (
        reading.tokens[at].text in COMPARING
        and Tag.POINT in reading.tags_in(beside)
        and not any(place in reading.clause_of(at) for place in others)
    )


def _stays(reading: Reading, at: int) -> bool:
    """`remains possible`, `remains necessary`: no change over time is meant."""
    if reading.tokens[at].text in ("还在", "仍在", "尚在", "依旧"):
        beside = reading.tags_in(range(at + 1, min(at + 5, len(reading.tokens))))
        return bool(beside & {Tag.POINT, Tag.NUMBER})
    if not reading.tokens[at].text.startswith("remain"):
        return False
    ahead = reading.tags_in(range(at + 1, min(at + 3, len(reading.tokens))))
    tags = reading.tags_in(reading.clause_of(at))
    still_so = ahead & {Tag.HEDGE, Tag.NEAR, Tag.NEED, Tag.ABOVE, Tag.BELOW}
    return bool(still_so) or not tags & {Tag.LABEL, Tag.SIGN, Tag.PRESENT}
