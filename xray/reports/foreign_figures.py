"""The figures in a sentence, and whether the classifier gave them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from xray.reports.envelope import AiFinding

# Shares from 0 to 1 and percentages. A length such as `0.5 cm` is a reader's own measurement,
# and other numbers count things.
_FIGURE = re.compile(
    r"(?P<percent>\d+(?:\.\d+)?)\s*(?:%|percent\b|per cent\b)"
    r"|(?<=百分之)(?P<chinese>\d+(?:\.\d+)?)"
    r"|(?<![\d.])(?P<share>0?\.\d+|1\.0+)(?!\d|\.\d|\s*(?:mm|cm|毫米|厘米|公分))"
)


def foreign_figures(text: str, findings: Iterable[AiFinding], *, known_text: str = "") -> list[str]:
    """The shares and percentages of `text` that are none of the findings' figures, as written.

    A figure may be rounded: 91 % and 0.91 are both 0.912. What `known_text` already says, such
    as the 95 % of an interval, may be said again.
    """
    values = [value for finding in findings for value in _values(finding)]
    said = {_number(match) for match in _FIGURE.finditer(_plain(known_text))}
    return [
        match.group().strip()
        for match in _FIGURE.finditer(_plain(text))
        if _number(match) not in said and not _is_known(match, values)
    ]


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
