"""What a warning of a study means, in the active language: the sentence that its report has."""

from __future__ import annotations

from django.utils.translation import get_language

from xray.reports.phrases import PHRASES, Language, phrase


def warning_in_words(code: str) -> str:
    """A code without a sentence of its own is named as it is, as reports do."""
    language: Language = "zh-hans" if (get_language() or "").startswith("zh") else "en"
    key = f"warning_{code}"
    if key in PHRASES:
        return phrase(key, language)
    return phrase("warning_other", language, code=code)
