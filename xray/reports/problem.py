"""What can be wrong with an answer, and how bad that is."""

from __future__ import annotations

from dataclasses import dataclass

MINOR = frozenset(
    {
        "unknown_words",
        "duplicate",
        "unqualified_absence",
        "sign_alone",
        "unclear_negation",
        "degree",
    }
    | {
        "question",
        "claim_without_subject",
        "exclusive",
        "person_named",
        "review_claimed",
    }
)
"""These drop the sentence; every other problem rejects the answer."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason, for the retry and for the audit trail; never shown as report text."""

    code: str
    sentence: str = ""
    detail: str = ""
    doubtful: bool = False
    """Whether the reader, rather than the sentence, may be at fault, see doubt.py."""

    @property
    def is_minor(self) -> bool:
        return self.doubtful or self.code in MINOR
