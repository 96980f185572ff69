"""What a report must not do: describe the patient, treat, be certain, or vouch for itself."""

from __future__ import annotations

from collections.abc import Iterator

from xray.reports.lexicon import Tag
from xray.reports.problem import Problem
from xray.reports.reading_context import MODALS, Reading

FITNESS = frozenset(
    {"diagnosis", "diagnoses", "diagnose", "diagnosing", "approved", "validated", "final", "诊断"}
    | {"sufficient", "enough", "suffice", "licensed", "standalone", "stand alone", "诊断依据"}
    | {
        "valid",
        "certified",
        "decide",
        "decides",
        "最终",
        "诊断结论",
        "作出诊断",
        "作为诊断",
        "诊断用途",
        "下诊断",
        "最终诊断",
        "直接",
    }
)
"""Claims that a denial, or naming a person who decides, makes true."""
NEVER_OURS = frozenset(
    {"replace", "replaces", "replacing", "substitute", "substitutes", "reliable", "accurate"}
    | {
        "rely",
        "relied",
        "relies",
        "reliance",
        "依赖",
        "依靠",
        "trustworthy",
        "localise",
        "localises",
        "localize",
        "localizes",
        "pinpoint",
        "pinpoints",
    }
    | {"outline", "outlines", "delineate", "delineates", "取代", "代替", "替代", "可靠", "准确"}
    | {"有效", "定位", "病灶定位", "精确定位", "确定病灶", "医疗器械", "medical device"}
)
"""Claims that only a denial makes true."""
IN_USE = frozenset(
    {"used", "use", "uses", "apply", "applies", "suitable", "用于", "用作", "适用于", "适用"}
)
FIELD = frozenset({"clinically", "临床", "adults", "成人"})
NO_NEED = frozenset(
    {"无需", "不需", "不必", "不需要", "不用", "没有必要", "无必要", "可不", "可以不", "不必要"}
)
EXACT = frozenset({"exact", "exactly", "precise", "precisely", "精确", "确切"})
CHILDREN = frozenset(
    {
        "child",
        "children",
        "paediatric",
        "pediatric",
        "儿童",
        "小儿",
        "幼儿",
        "儿科",
        "young",
        "患儿",
    }
    | {
        "year",
        "years",
        "year old",
        "years old",
        "岁",
        "周岁",
        "aged",
        "age",
        "ages",
        "年龄",
        "年龄段",
    }
)
OLDER = frozenset(
    {"adult", "adults", "elderly", "older", "adolescent", "adolescents", "teenager", "infant"}
    | {
        "infants",
        "newborn",
        "neonate",
        "neonates",
        "成人",
        "成年人",
        "成年",
        "老年",
        "老人",
        "老年人",
    }
    | {"新生儿", "青少年", "少年", "中年", "青年", "婴儿"}
)
"""Groups that the training did not hold."""
IS = frozenset({"is", "are", "was", "represents", "是", "为", "就是"})
OURS = frozenset({"label", "score", "scores", "finding", "标签", "模型", "classifier", "评分"})
PATIENTS = frozenset({"patient", "child", "he", "she", "boy", "girl", "person", "患者", "患儿"})
PATIENTS |= {
    "病人",
    "受检者",
    "病患",
    "孩子",
    "小孩",
    "儿童",
    "小儿",
    "他",
    "她",
    "infant",
    "woman",
    "man",
}
SUFFERS = frozenset(
    {"has", "have", "had", "having", "with", "positive", "got", "developed", "develops", "shows"}
)
SUFFERS |= {
    "有",
    "存在",
    "得",
    "感染",
    "染上",
    "已有",
    "出现",
    "发生",
    "为",
    "是",
    "已",
    "带有",
    "presents",
    "exhibits",
}
CASES = frozenset({"it", "this", "这", "此", "该片", "本片", "这个"})
LEFT_TO = frozenset({"lies with", "rests with", "belongs to", "is up to", "up to"})
ORDERS = frozenset({"interpret", "read", "review", "consider", "consult", "see", "combine"})
ORDERS |= {"verify", "check", "compare", "use", "seek", "obtain", "refer"}
"""A sentence that begins so asks for something."""
ASKING = MODALS | {
    "recommended", "recommend", "recommends", "advised", "advise", "advises", "advisable", "please",
    "rests", "rest", "remains", "remain", "encouraged", "ensure", "essential", "let", "correlation", "correlate", "correlated", "clinical correlation", "结合临床",
    "recommendation", "priority", "优先", "important", "crucial", "left", "judgement", "judgment", "instead", "有待",
    "lies with", "rests with", "belongs to", "is up to", "up to", "pending", "awaiting", "await", "requested", "asked", "ought", "尚待", "须待", "待", "推荐", "为准", "应该", "最终", "宜", "负责", "交由", "经", "参考", "供", "需经", "方可", "均需",
}  # fmt: skip
"""What makes a sentence about a physician a wish rather than a report of what was done."""


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
            yield reading.problem("age", at)
    texts = [token.text for token in reading.tokens]
    for at in reading.where(Tag.TRAIN):
        ours = {"this", "该", "本", "该患者", "本片", "该片", "本例"} & set(texts[at + 1 :])
        if ours and {"film", "image", "patient", "患者", "本片", "该片", "本例"} & set(
            texts[at + 1 :]
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
        if not texts & ASKING and not reading.has(Tag.NEED, Tag.NEGATION):
            yield reading.problem("review_claimed", at)


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
        if _asks_a_person(reading, at):
            continue
        if not denied and not (before & MODALS):
            yield reading.problem("overclaim", at)


def _asks_a_person(reading: Reading, at: int) -> bool:
    """`must be reviewed by a radiologist`, `radiologist confirmation is needed`."""
    clause = reading.clause_of(at)
    text = reading.tokens[at].text
    asked = text == "must be" or text in ("confirmation", "确认", "confirm", "证实")
    texts = {reading.tokens[place].text for place in clause}
    wish = text == "must be" or Tag.NEED in reading.tags_in(clause) or bool(texts & ASKING)
    followed = reading.tags_in(range(at + 1, min(at + 3, clause.stop))) & {Tag.LABEL, Tag.SIGN}
    return asked and wish and _persons(reading, clause) and not (text == "must be" and followed)


def _patient_has(reading: Reading) -> Iterator[Problem]:
    """`the patient has pneumonia`: the model scores a film, it knows no patient."""
    for at, token in enumerate(reading.tokens):
        if token.text not in PATIENTS | CASES:
            continue
        segment = reading.segment_of(at)
        for verb in range(at + 1, min(at + 5, segment.stop)):
            if reading.tokens[verb].tag in (Tag.HEDGE, Tag.NEGATION, Tag.PROBABILITY, Tag.HEAT):
                break
            is_case = token.text in CASES
            if reading.tokens[verb].text not in (IS if is_case else SUFFERS):
                if is_case:
                    break
                continue
            ahead = range(verb + 1, segment.stop)
            label = next((p for p in ahead if reading.tokens[p].tag in (Tag.LABEL, Tag.SIGN)), None)
            if label is None or reading.wondered(verb):
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
