"""One sentence as the rules see it: its tokens, the finding it is about, its negations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Literal

from xray.reports.facts import FactSheet, Finding
from xray.reports.lexicon import Tag
from xray.reports.phrases import Language
from xray.reports.problem import Problem
from xray.reports.token import Token

BE_VERBS = frozenset({"is", "are", "was", "were", "be", "been", "being", "has", "have"})
MODALS = frozenset(
    {
        "should",
        "must",
        "needs",
        "need",
        "requires",
        "required",
        "until",
        "before",
        "unless",
        "shall",
    }
    | {"需", "应", "须", "必须", "需要", "应当", "须由", "应由", "需由", "由", "请", "建议", "待"}
)
NOT_ABOUT = frozenset({"不对", "未对", "并未对", "没有对", "不就", "未就"})

SURE = frozenset({"definite", "definitive", "certain", "conclusive", "unequivocal", "obvious"})
SURE |= {"明确", "肯定", "确切", "典型", "确定"}
NEGATIVE = frozenset({"negative", "阴性"})
REPORTED = frozenset({"reported", "listed", "raised", "报告", "报出", "列出"})
"""After a negation: what was measured is not put forward."""
SUPPORT = frozenset({"support", "supports", "supporting", "支持", "indicate", "indicates"})
POSSIBLE = frozenset({"possible", "可能"})
SPECIFIC = frozenset({"specific", "particular", "single", "exact", "precise", "individual"})
SPECIFIC |= {"certain", "one", "defined", "具体", "特定", "单一", "某一", "明确", "确切"}
ASSIGNS = frozenset({"assign", "assigned", "place", "placed", "attribute", "attributed"})
NAMES = frozenset({"name", "specify", "give", "determine", "state"})
HAN_SPECIFIC = ("具体", "特定", "单一", "某一", "明确", "任何", "任一", "哪")
BEHIND = frozenset({Tag.DISCLAIM, Tag.CERTAIN, Tag.PRIOR})
SHOWN = frozenset({Tag.HEAT, Tag.SIDE, Tag.LUNG, Tag.ATTRIBUTE, Tag.TEXTURE, Tag.NORMAL})
"""`the earlier film did not have this signal` denies the signal, not the film."""
ASSESS_REACH = 4
"""Tokens between a negation and the verb of assessing that it denies."""

Frame = Literal[
    "not_assessed", "denied", "relation", "harmless", "other", "prior", "unplaced", "unclear"
]

HARMLESS_TARGETS = frozenset({Tag.EXCLUDE, Tag.MEAN, Tag.DISCLAIM, Tag.PURPOSE, Tag.CERTAIN})
OBJECTS = frozenset({Tag.FOREIGN, Tag.ORGAN, Tag.DEVICE, Tag.OTHER, Tag.BARE})
CLAIMING = frozenset({Tag.PRESENT, Tag.HEDGE, Tag.STRONG, Tag.WEAK, Tag.CERTAIN, Tag.MODERATE})
_TARGETS: dict[Tag, Frame] = {
    Tag.LABEL: "denied",
    Tag.SIGN: "denied",
    Tag.PRESENT: "denied",
    Tag.HEDGE: "denied",
    Tag.NATURE: "denied",
    Tag.PLACING: "unplaced",
    Tag.BARE: "other",
    Tag.TEXTURE: "unclear",
    Tag.UNPLACED: "unclear",
    Tag.STRONG: "denied",
    Tag.ABOVE: "relation",
    Tag.BELOW: "relation",
    Tag.NEAR: "relation",
    Tag.EXCLUDE: "harmless",
    Tag.MEAN: "harmless",
    Tag.DISCLAIM: "harmless",
    Tag.PURPOSE: "harmless",
    Tag.CERTAIN: "harmless",
    Tag.TRAIN: "harmless",
    Tag.CARE: "harmless",
    Tag.WEAK: "harmless",
    Tag.ADVICE: "harmless",
    Tag.AGE: "harmless",
    Tag.PRIOR: "prior",
    Tag.CHANGE: "prior",
    Tag.OTHER: "other",
    Tag.FOREIGN: "other",
    Tag.ORGAN: "other",
    Tag.DEVICE: "other",
    Tag.NORMAL: "unclear",
    Tag.SIDE: "unclear",
    Tag.REGION: "unclear",
    Tag.POINT: "unclear",
    Tag.PROBABILITY: "unclear",
    Tag.HEAT: "unclear",
    Tag.EXCEPT: "unclear",
    Tag.NEED: "unclear",
    Tag.ATTRIBUTE: "unclear",
    Tag.LUNG: "unclear",
    Tag.MODEL: "unclear",
    Tag.NUMBER: "unclear",
}


@dataclass(frozen=True, slots=True)
class Negation:
    """One negating word, what it denies, and where that stands."""

    at: int
    frame: Frame
    target: int


@dataclass(frozen=True)
class Reading:
    """A sentence ready to be compared with the facts."""

    text: str
    tokens: list[Token]
    facts: FactSheet
    language: Language
    finding_id: str = ""
    """Given by the answer's structure; empty in an impression or a free text."""
    findings: list[Finding] = field(default_factory=list)
    """What the sentence is about: the labels it names, else its finding, else all."""

    def has(self, *tags: Tag) -> bool:
        return any(token.tag in tags for token in self.tokens)

    def where(self, *tags: Tag) -> Iterator[int]:
        return (at for at, token in enumerate(self.tokens) if token.tag in tags)

    @cached_property
    def clauses(self) -> list[range]:
        """Cut at semicolons, dashes and contrasts."""
        cuts = [-1, *self.where(Tag.STOP, Tag.BUT), len(self.tokens)]
        return [range(a + 1, b) for a, b in pairwise(cuts) if b - a > 1]

    def clause_of(self, at: int) -> range:
        return next((clause for clause in self.clauses if at in clause), range(at, at + 1))

    def tags_in(self, places: Iterable[int]) -> set[Tag]:
        return {self.tokens[at].tag for at in places}

    @cached_property
    def negations(self) -> list[Negation]:
        return [self._negation(at) for at in self.where(Tag.NEGATION)]

    @cached_property
    def not_assessed(self) -> list[int]:
        """Where the sentence says that something was not looked at."""
        said = [negation.target for negation in self.negations if negation.frame == "not_assessed"]
        nothing = [at for at in self.where(Tag.OTHER) if self.tokens[at].text == "nothing else"]
        said += [
            at
            for at in self.where(Tag.ASSESS)
            if any(other < at and other in self.clause_of(at) for other in nothing)
        ]
        return sorted({*said, *self.where(Tag.NOT_ASSESSED)})

    def negated(self, at: int) -> bool:
        """Whether an odd number of negations has this token as its target."""
        return sum(n.target == at for n in self.negations) % 2 == 1

    def segment_of(self, at: int) -> range:
        """Its clause, cut at commas too."""
        clause = self.clause_of(at)
        commas = [place for place in clause if self.tokens[place].value == "comma"]
        start = max((place + 1 for place in commas if place < at), default=clause.start)
        return range(start, min((place for place in commas if place > at), default=clause.stop))

    def wondered(self, at: int) -> bool:
        """Whether the word stands in a question: `whether other findings are present`."""
        clause = self.clause_of(at)
        return any(
            self.tokens[p].text in ("whether", "是否", "是不是", "有没有")
            for p in range(clause.start, at)
        )

    def problem(self, code: str, at: int) -> Problem:
        return Problem(code, self.text, self.tokens[at].text)

    def disclaimed(self, at: int) -> bool:
        """Whether a negation before it, in its clause, denies a meaning, use or exclusion."""
        clause = self.clause_of(at)
        if any(self.denies_meaning(place) for place in range(clause.start, at)):
            return True
        return any(
            negation.at in clause
            and negation.at < at
            and self.tokens[negation.target].tag in HARMLESS_TARGETS
            for negation in self.negations
        )

    def denies_meaning(self, at: int) -> bool:
        """`并不代表` and its like: negation and meaning in one word."""
        return self.tokens[at].tag == Tag.MEAN and self.tokens[at].value == "denied"

    def _negation(self, at: int) -> Negation:
        places = range(at + 1, self.clause_of(at).stop)
        told = self.tokens[at - 1].tag == Tag.ASSESS and self.tokens[at].text == "nothing"
        if (
            at
            and told
            and places
            and self.tokens[at + 1].text in ("about", "about the", "on", "of")
        ):
            return Negation(at, "not_assessed", at - 1)
        if (assess := self._assess_target(at, places)) is not None:
            return Negation(at, "not_assessed", assess)
        for place in places:
            token = self.tokens[place]
            if self.language != "en" and token.value == "comma":
                break
            frame = _TARGETS.get(token.tag)
            if frame is None or self._leads_on(place) or self._names_a_zone(place):
                continue
            loose = token.tag == Tag.PRESENT or token.text in ("any", "任何")
            if loose and (above := self._relation_after(place, places)):
                return Negation(at, "relation", above)
            if token.text in SUPPORT and (sure := self._sure_after(place)):
                return Negation(at, "harmless", sure)
            if token.tag in (Tag.PRESENT, Tag.HEDGE, Tag.EXCEPT) and (
                open_place := self._place_after(place, at)
            ):
                return Negation(at, "unclear", open_place)
            if token.text in POSSIBLE and (open_place := self._place_after(place, place)):
                return Negation(at, "unclear", open_place)
            open_end = frame == "unclear" and token.tag not in SHOWN
            if open_end or token.text in POSSIBLE:
                return self._behind(at) or Negation(at, frame, place)
            return Negation(at, frame, place)
        elided = any(token.tag == Tag.ASSESS for token in self.tokens[:at])
        if elided:
            return Negation(at, "not_assessed", at)
        return self._behind(at) or Negation(at, "unclear", at)

    def _behind(self, at: int) -> Negation | None:
        """What a denial takes up that stands before it: `a diagnosis cannot be made`."""
        segment = self.segment_of(at)
        before = range(segment.start, at)
        tags = self.tags_in(before)
        if self.tokens[at].text in NEGATIVE:
            tags = self.tags_in(range(self.clause_of(at).start, at))
        after = {token.text for token in self.tokens[at + 1 : at + 4]}
        compared = self.tags_in(self.clause_of(at)) & {Tag.POINT, Tag.BELOW}
        anchored = bool(compared)
        if self.tokens[at].text in NEGATIVE or after & REPORTED:
            named = tags & {Tag.LABEL, Tag.MODEL, Tag.PROBABILITY}
            return Negation(at, "denied", at) if anchored and named else None
        for back in reversed(before):
            tag = self.tokens[back].tag
            if tag == Tag.REGION and at - back <= 3:
                return Negation(at, "unclear", back)
            if tag in BEHIND and not self.tags_in(range(back + 1, at)) & {Tag.LABEL, Tag.SIGN}:
                return Negation(at, _TARGETS[tag], back)
        return None

    def _sure_after(self, place: int) -> int | None:
        """`does not support a definite diagnosis` denies the certainty."""
        for later in range(place + 1, min(place + 4, len(self.tokens))):
            if self.tokens[later].tag in (Tag.LABEL, Tag.SIGN):
                return None
            if self.tokens[later].tag == Tag.DISCLAIM or (
                self.tokens[later].tag == Tag.CERTAIN and self.tokens[later].text not in SURE
            ):
                return later
        return None

    def _place_after(self, place: int, at: int) -> int | None:
        """`does not point to a specific zone` denies the place, not the finding."""
        for later in range(place + 1, min(place + 5, len(self.tokens))):
            token = self.tokens[later]
            if token.tag == Tag.REGION:
                words = {t.text for t in self.tokens[place + 1 : later]}
                words |= {t.text for t in self.tokens[at + 1 : place]} & ASSIGNS
                named = words & (SPECIFIC | ASSIGNS | NAMES)
                return later if named or token.text.startswith(HAN_SPECIFIC) else None
            if token.tag != Tag.WORD and token.text not in SPECIFIC:
                return None
            if token.text in ("in", "within", "at", "on", "在"):
                return None
        return None

    def _leads_on(self, place: int) -> bool:
        """`negative for pneumonia`, `no definite pneumonia`: what is denied comes after."""
        token = self.tokens[place]
        ahead = self.tags_in(range(place + 1, min(place + 3, len(self.tokens))))
        leads = token.text == "for" or token.text in SURE
        return leads and bool(ahead & {Tag.LABEL, Tag.SIGN, Tag.PRESENT, Tag.FOREIGN})

    def _names_a_zone(self, place: int) -> bool:
        """`to a specific lung zone`: the zone is meant, not the lung."""
        follows = place + 1 < len(self.tokens) and self.tokens[place + 1].tag == Tag.REGION
        return self.tokens[place].tag == Tag.LUNG and follows

    def _relation_after(self, place: int, places: range) -> int | None:
        """`no evidence above the point` denies the relation, not the evidence."""
        for later in range(place + 1, min(place + 6, places.stop)):
            if self.tokens[later].tag in (Tag.ABOVE, Tag.BELOW):
                return later
            if self.tokens[later].value == "comma" or self.tokens[later].tag == Tag.NUMBER:
                return None
        return None

    def _assess_target(self, at: int, places: range) -> int | None:
        """`did not assess`, `no statement about`, `neither A nor B was assessed`, `不对A作评价`."""
        for place in places:
            token = self.tokens[place]
            if token.tag in (Tag.PRESENT, Tag.NORMAL, Tag.HEDGE, Tag.ABOVE, Tag.DISCLAIM):
                return None
            if token.tag == Tag.NOT_ASSESSED:
                return place if self.tokens[at].text in ("neither", "nor", "none") else None
            if token.tag != Tag.ASSESS:
                continue
            between = [t for t in self.tokens[at + 1 : place] if t.text not in ("any", "任何")]
            near = place - at <= ASSESS_REACH and not {t.tag for t in between} & OBJECTS
            passive = any(
                self.tokens[back].text in BE_VERBS for back in range(max(at, place - 3), place)
            )
            if near or passive or self.tokens[at].text in NOT_ABOUT:
                return place
        return None
