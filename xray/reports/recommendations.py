"""What a report advises: a lookup by band, never a judgement, never a treatment."""

from __future__ import annotations

from xray.reports.facts import BandName, FactSheet
from xray.reports.phrases import Language, phrase

BY_BAND: dict[BandName, str] = {
    "above": "advise_above",
    "borderline": "advise_borderline",
    "below": "advise_below",
}
ALWAYS_LAST = ("advise_correlation", "advise_radiologist")


def recommend(facts: FactSheet, *, language: Language) -> list[str]:
    """One sentence for each band that occurs, then clinical correlation and a radiologist."""
    bands = {finding.band for finding in facts.findings}
    keys = [key for band, key in BY_BAND.items() if band in bands]
    return [phrase(key, language) for key in (*keys, *ALWAYS_LAST)]
