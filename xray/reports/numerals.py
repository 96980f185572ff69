"""Numbers as people write them: 0.912, .91, 91 %, ninety-one percent, nine in ten, 百分之九十一."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SMALL = {word: value for value, word in enumerate(_UNITS)} | {"nought": 0, "oh": 0}
_TEN = {word: 10 * (place + 2) for place, word in enumerate(_TENS)}
_PARTS = {"half": 2, "halves": 2, "quarter": 4, "tenth": 10, "hundredth": 100, "fifth": 5}
_PARTS |= {"third": 3, "thousandth": 1000, "eighth": 8}
_HAN = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}

_PERCENT = r"\s*(?:%|percent\b|per\s?cent\b|pct\b)"
_DIGITS = r"\d{1,9}(?:\.\d{1,9})?|\.\d{1,9}"
_RATIO = re.compile(
    rf"({_DIGITS})\s*(?:/|out of|in every|in|成中)\s*(\d{{1,9}})(?!\d|\.\d)(?!\s*(?:%|percent))"
)
_NUMBER = re.compile(rf"(?:0,(\d{{1,9}})|({_DIGITS}))(?![\d])({_PERCENT})?")
_NUMERAL = "|".join(sorted([*_SMALL, *_TEN, "hundred"], key=len, reverse=True))
_WORDS = re.compile(rf"(?:(?:{_NUMERAL})\b(?:\s+|-)?(?:and\s+(?=(?:{_NUMERAL})\b))?)+")
_POINT = re.compile(rf"(?:(?:zero|nought|oh)\s+)?point((?:\s+(?:{'|'.join(_SMALL)})\b)+)")
_PART = re.compile(
    rf"(?:(a|an|{_NUMERAL})[\s-]+)?({'|'.join(_PARTS)})s?\b(?!\s+(?:zone|lung|field|finding))"
)
_HAN_NUMBER = "[零〇一二两三四五六七八九十百\\d]{1,9}(?:[点.][零〇一二三四五六七八九\\d]{1,9})?"
_HAN_PERCENT = re.compile(f"百分之({_HAN_NUMBER})")
_HAN_TENTHS = re.compile(
    "([一二两三四五六七八九\\d])成([一二三四五六七八九\\d半])?(?!立|为|像|熟|人|年)"
)
_HAN_PARTS = re.compile(f"({_HAN_NUMBER})分之({_HAN_NUMBER})")
_HAN_POINT = re.compile("[零〇]点([零〇一二三四五六七八九]{1,9})")
_HAN_COUNT = re.compile("[二两三四五六七八九十]{1,9}(?![位种类])")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: its value as a share of one when it is a percentage, else as it is."""

    value: float
    length: int
    """Signs that it takes up."""
    percent: bool = False
    ratio: bool = False
    """`nine in ten`, `两成`: a coarse measure, which `about` may round."""
    is_count: bool = False
    """A bare Chinese numeral, which may also begin a word."""


def read_figure(text: str) -> Figure | None:
    """The number at the very start of folded `text`; None when there is none."""
    for read in (_chinese, _ratio, _digits, _spoken_point, _spoken_part, _spoken):
        if figure := read(text):
            return figure
    return None


def _ratio(text: str) -> Figure | None:
    match = _RATIO.match(text)
    if match and float(match[2]) > 0 and float(match[1]) <= float(match[2]):
        return Figure(float(match[1]) / float(match[2]), match.end(), ratio=True)
    return None


def _digits(text: str) -> Figure | None:
    match = _NUMBER.match(text)
    if not match:
        return None
    value = float(f"0.{match[1]}") if match[1] else float(match[2])
    percent = match[3] is not None
    return Figure(value / 100 if percent else value, match.end(), percent)


def _spoken_point(text: str) -> Figure | None:
    match = _POINT.match(text)
    if not match:
        return None
    digits = "".join(str(_SMALL[word]) for word in match[1].split())
    return Figure(float(f"0.{digits}"), match.end())


def _spoken_part(text: str) -> Figure | None:
    """`nine tenths`, `three quarters`, `half`; a bare `third` is an ordinal or a lung third."""
    match = _PART.match(text)
    if not match or (match[1] is None and not match[2].startswith("hal")):
        return None
    count = {"a": 1, "an": 1, None: 1}.get(match[1]) or _count(match[1])
    return Figure(count / _PARTS[match[2]], match.end(), ratio=True)


def _spoken(text: str) -> Figure | None:
    """Only where words form a measure: a percentage, a ratio, `one to five`, or more than one."""
    match = _WORDS.match(text)
    if not match:
        return None
    value: float = _count(match[0])
    end = len(match[0].rstrip(" -"))
    rest = text[end:]
    if decimals := re.match(rf"\s+point((?:\s+(?:{'|'.join(_SMALL)})\b)+)", rest):
        value += float("0." + "".join(str(_SMALL[word]) for word in decimals[1].split()))
        end += decimals.end()
        rest = text[end:]
    if percent := re.match(_PERCENT, rest):
        return Figure(value / 100, end + percent.end(), percent=True)
    if ratio := re.match(
        rf"[\s-]+(?:out of|out-of|in every|in)[\s-]+((?:{_NUMERAL})\b|\d{{1,9}})", rest
    ):
        whole = int(ratio[1]) if ratio[1].isdigit() else _count(ratio[1])
        if whole > 0:
            return Figure(value / whole, end + ratio.end(), ratio=True)
    alone = match[0].strip(" -") == "one" and not re.match(r"\s*(?:to|-)\s*(?:five|5)", rest)
    return None if alone else Figure(value, end)


def _count(words: str) -> int:
    total = 0
    for word in re.findall("[a-z]+", words):
        if word == "hundred":
            total = max(total, 1) * 100
        else:
            total += _SMALL.get(word, _TEN.get(word, 0))
    return total


def _chinese(text: str) -> Figure | None:
    if match := _HAN_PERCENT.match(text):
        return Figure(_han(match[1]) / 100, match.end(), percent=True)
    if match := _HAN_PARTS.match(text):
        parts = _han(match[1])
        return Figure(_han(match[2]) / parts, match.end(), ratio=True) if parts else None
    if match := _HAN_POINT.match(text):
        return Figure(_han(match[0]), match.end())
    if match := _HAN_TENTHS.match(text):
        small = 5 if match[2] == "半" else _han(match[2] or "零")
        return Figure(_han(match[1]) / 10 + small / 100, match.end(), ratio=True)
    if match := re.match("一半|半数", text):
        return Figure(0.5, match.end(), ratio=True)
    if match := re.match("一(?=至|到)", text):
        return Figure(1.0, match.end())
    if match := _HAN_COUNT.match(text):
        return Figure(_han(match[0]), match.end(), is_count=True)
    return None


def _han(text: str) -> float:
    """`九十一点二`, `九一`, `91.2`: positional digits, tens and hundreds, decimals."""
    whole, _, decimals = text.replace(".", "点").partition("点")
    digits = "".join(str(_HAN.get(sign, sign)) for sign in decimals)
    return _han_whole(whole) + (float(f"0.{digits}") if digits else 0.0)


def _han_whole(text: str) -> int:
    if not any(sign in "十百" for sign in text):
        return int("".join(str(_HAN.get(sign, sign)) for sign in text) or 0)
    total, digit = 0, 0
    for sign in text:
        if sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = int(_HAN.get(sign, sign))
    return total + digit
