"""The figures in a sentence, and whether the classifier gave them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from xray.reports.envelope import AiFinding
from xray.reports.numerals import Figure, read_figure

# Shares from 0 to 1 and percentages. A length such as `0.5 cm` is a reader's own measurement,
# and other numbers count things.
_FIGURE = re.compile(
    r"(?P<percent>\d+(?:\.\d+)?)\s*(?:%|percent\b|per cent\b)"
    r"|(?<=百分之)(?P<chinese>\d+(?:\.\d+)?)"
    r"|(?<![\d.])(?P<share>0?\.\d+|1\.0+)(?!\d|\.\d|\s*(?:mm|cm|毫米|厘米|公分))"
)

# Where a number may begin that is written, at least in part, in words.
_BEGINS = re.compile(r"(?<![a-z\d.])[a-z\d]|[零〇一两二三四五六七八九十百千半]")
_IN_DIGITS = re.compile(r"百分之[\d.]+$|[\d.,]+\s*(?:%|per\s?cent|percent|pct)?$")
_SHARE_WORDS = re.compile(
    r"\b(?:point|in|out of|in every|tenths?|hundredths?)\b|[成点]|[十百千]分之"
)


def foreign_figures(text: str, findings: Iterable[AiFinding], *, known_text: str = "") -> list[str]:
    """The shares and percentages of `text` that are none of the findings' figures, as written.

    A figure may be rounded: 91 % and 0.91 are both 0.912. What `known_text` already says, such
    as the 95 % of an interval, may be said again.
    """
    values = [value for finding in findings for value in _values(finding)]
    said = {_number(match) for match in _FIGURE.finditer(_plain(known_text))}
    in_digits = [
        match.group().strip()
        for match in _FIGURE.finditer(_plain(text))
        if _number(match) not in said and not _is_known(match, values)
    ]
    told = [figure.value for _, figure in _in_words(_plain(known_text))]
    return in_digits + [
        words
        for words, figure in _in_words(_plain(text))
        if not any(abs(figure.value - value) <= _reach(figure) for value in (*values, *told))
    ]


def _in_words(text: str) -> Iterator[tuple[str, Figure]]:
    """`ninety percent`, `zero point nine`, `nine in ten`, `百分之九十`, `九成`, as written.

    Halves, quarters and thirds measure parts of a lung and are the reader's own.
    """
    folded = text.lower()
    at = 0
    while match := _BEGINS.search(folded, at):
        at = match.start()
        figure = read_figure(folded[at:])
        words = folded[at : at + figure.length].strip() if figure else ""
        if figure and _is_a_share(words, figure):
            yield text[at : at + figure.length].strip(), figure
        at += max(figure.length if figure else 1, 1)


def _is_a_share(words: str, figure: Figure) -> bool:
    numbered = re.fullmatch(r"point\s+[a-z]+", words)  # `point two` of a list
    if numbered or _IN_DIGITS.match(words) or not 0 <= figure.value <= 1:
        return False
    return figure.percent or _SHARE_WORDS.search(words) is not None


def _reach(figure: Figure) -> float:
    """What rounding may take: half of a percent, and half of a tenth for `nine in ten`."""
    return (0.05 if figure.ratio else 0.005) + 1e-9


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _values(finding: AiFinding) -> list[float]:
    optional = [finding["inside_share"]] if finding["inside_share"] is not None else []
    return [finding["probability"], finding["operating_point"], *finding["interval"], *optional]


def _number(match: re.Match[str]) -> tuple[str, bool]:
    """As written, and whether it is a percentage."""
    share = match["share"]
    return share or match["percent"] or match["chinese"], share is None


def _is_known(match: re.Match[str], values: Iterable[float]) -> bool:
    written, is_percentage = _number(match)
    scale = 100.0 if is_percentage else 1.0
    decimals = len(written.partition(".")[2])
    limit = 0.5 * 10.0**-decimals + 1e-9
    return any(abs(value * scale - float(written)) <= limit for value in values)
