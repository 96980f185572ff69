"""What people write for the eye: list marks, abbreviations, signs for a result, `about` behind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from xray.reports.lexicon import Tag
from xray.reports.token import Token

_HAN = re.compile("[\u4e00-\u9fff]")
_MARKER = re.compile(
    r"^(?:\(?\d{1,2}[.)、]|（\d{1,2}）|\d{1,2}）|[\u2460-\u2473]|[一二三四五六七八九十]、)(?:\s*(?=[^\d\s])|\s*$)"
)
_PLUS = re.compile(r"\(\s*\+\s*\)")
_MINUS = re.compile(r"\(\s*-\s*\)|:\s*-\s*(?=$|[,;.()。])")
_RULED = re.compile(r"\brul(e|es|ed|ing)\s+((?:[a-z]+\s+){1,3}?)out\b")
_MODERATED = re.compile(r"(?:比较|相当|非常|十分|挺|蛮|颇|偏)(?=[大小高低])")
_HASTY = re.compile(
    r"(不能|不可|不应|不得|不宜|不要|不应该)(?:因此|据此|就此|由此|以此|凭此|简单|直接|轻易|草率|就)+(?=认为|视|判|断|理|推|当|看|解|说|等)"
)
_ZONES = re.compile(r"\b([rl])([uml])([zl])\b")
_PARTS = {
    "r": "right", "l": "left", "u": "upper", "m": "middle", "z": "zone",
}  # fmt: skip
LED = frozenset({"by", "to", "in", "within", "at", "on", "over"})
SOFTENED = frozenset({"fairly", "quite", "reasonably", "pretty", "rather", "relatively"})
FILMS = frozenset(
    {
        "film",
        "image",
        "picture",
        "x-ray",
        "xray",
        "radiograph",
        "scan",
        "view",
        "study",
        "x",
        "exam",
    }
)
_ABBREVIATIONS = (
    (r"\bsub-?\s?threshold\b", "below-threshold"),
    (r"\bsupra-?\s?threshold\b", "above-threshold"),
    (r"\bi\.\s?e\.", "that is"),
    (r"\be\.\s?g\.", "for example"),
)
REACH = 4


def without_marker(part: str) -> str:
    """`1. Right lower zone` without its number, which counts nothing."""
    return _MARKER.sub("", part)


def spell_out(folded: str) -> str:
    """`(+)` as positive, `(-)` as negative, `rule pneumonia out` as one verb."""
    han = _HAN.search(folded) is not None
    folded = _PLUS.sub("阳性" if han else " positive ", folded)
    folded = _MINUS.sub("阴性" if han else " negative ", folded)
    folded = _MODERATED.sub("较", folded)
    folded = _HASTY.sub(r"\1", folded)
    folded = _ZONES.sub(_zone, folded)
    for pattern, words in _ABBREVIATIONS:
        folded = re.sub(pattern, words, folded)
    return _RULED.sub(r"rul\1 out \2", folded)


def _zone(match: re.Match[str]) -> str:
    """`RLZ`, `LUL`: side, level, zone or lobe."""
    level = "lower" if match[2] == "l" else _PARTS[match[2]]
    return f"{_PARTS[match[1]]} {level} {'lobe' if match[3] == 'l' else 'zone'}"


def settle(tokens: Sequence[Token]) -> list[Token]:
    """Words that their neighbours decide: `90 左右` is about 90, `beyond the threshold` above it."""
    settled = list(tokens)
    for at, token in enumerate(tokens):
        before = tokens[at - 1].tag if at else Tag.STOP
        if token.text == "左右" and before in (Tag.NUMBER, Tag.PERCENT, Tag.PROBABILITY):
            settled[at] = replace(token, tag=Tag.WORD, value="")
        after = tokens[at + 1].tag if at + 1 < len(tokens) else Tag.STOP
        if token.text == "对" and before == after == Tag.NUMBER:
            settled[at] = replace(token, text="vs")
        if token.text == "clear" and at and _is_a_plain_adjective(tokens, at):
            settled[at] = replace(token, tag=Tag.WORD)
        if token.text == "以上" and before in (Tag.STOP,) and after != Tag.NUMBER:
            settled[at] = replace(token, tag=Tag.WORD, value="")
        certain = token.tag == Tag.CERTAIN and token.text in ("sure", "certain")
        if certain and at and tokens[at - 1].text == "how":
            settled[at] = replace(token, tag=Tag.PROBABILITY)
        if certain and at and tokens[at - 1].text in SOFTENED:
            settled[at] = replace(token, tag=Tag.STRONG)
        if (
            token.text in ("localised", "localized")
            and at + 1 < len(tokens)
            and tokens[at + 1].text in LED
        ):
            settled[at] = replace(token, tag=Tag.WORD, value="")
        if token.text == "分" and before == Tag.NUMBER:
            settled[at] = replace(token, tag=Tag.WORD, value="")
        if token.text == "process" and before in (Tag.LABEL, Tag.NATURE, Tag.SIGN):
            settled[at] = replace(token, tag=Tag.WORD, value="")
        if token.text == "上" and before == Tag.POINT and _at_the_point(tokens, at):
            settled[at] = replace(token, tag=Tag.WORD, value="")
        if token.text == "比较" and after in (Tag.HEDGE, Tag.PRESENT, Tag.PROBABILITY, Tag.NEAR):
            joined = {t.text for t in tokens[max(0, at - 5) : at]} & {"与", "和", "同", "跟"}
            settled[at] = token if joined else replace(token, tag=Tag.WORD, value="")
        ahead = [t.tag for t in tokens[at + 1 : at + 1 + REACH]]
        if token.text == "beyond" and Tag.POINT in ahead:
            between = ahead[: ahead.index(Tag.POINT)]
            if set(between) <= {Tag.WORD, Tag.MODE}:
                settled[at] = replace(token, tag=Tag.ABOVE)
    return settled


def _at_the_point(tokens: Sequence[Token], at: int) -> bool:
    """`在0.50的工作点上，…`: at this setting; `概率在工作点上` would be a comparison."""
    start = max((p for p in range(at) if tokens[p].value == "comma"), default=-1) + 1
    places = [p for p in range(start, at) if tokens[p].text == "在"]
    if not places or at + 1 >= len(tokens):
        return False
    return not {t.tag for t in tokens[start : places[-1]]} & {Tag.LABEL, Tag.PROBABILITY}


def _is_a_plain_adjective(tokens: Sequence[Token], at: int) -> bool:
    """`by a clear margin`, `no clear location`; not `a clear film`, `clear lungs`."""
    if at + 1 >= len(tokens) or tokens[at + 1].text in FILMS:
        return False
    if tokens[at + 1].text in ("field", "fields") or Tag.LUNG in {t.tag for t in tokens[:at]}:
        return False
    led = tokens[at - 1].text in ("a", "the", "no", "any", "not", "without")
    return led and tokens[at + 1].tag in (
        Tag.WORD,
        Tag.REGION,
        Tag.DIFFERENCE,
        Tag.PRESENT,
        Tag.DISCLAIM,
    )
