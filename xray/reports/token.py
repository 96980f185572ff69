"""The pieces that a sentence is read into."""

from __future__ import annotations

from dataclasses import dataclass

from xray.reports.lexicon import Tag
from xray.reports.numerals import Figure


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a sentence: what it says, as which concept, and which one of its kind."""

    text: str
    tag: Tag
    value: str = ""
    figure: Figure | None = None
