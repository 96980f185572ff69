"""The shape a language model's answer must have: closed, short, and with no word of its own.

The enums hold exactly what the fact sheet holds, so a server that honours schemas cannot name
another label, side or region there. The sentences stay free text: the verifier reads those.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from xray.reports.facts import FactSheet

Language = Literal["en", "zh-hans"]

MAX_SENTENCES_PER_FINDING = 2
MAX_IMPRESSION = 3
MAX_CHARACTERS: dict[Language, int] = {"en": 300, "zh-hans": 150}
"""Of one sentence; a Chinese one says the same in about half the characters."""


def schema(facts: FactSheet, language: Language) -> dict[str, Any]:
    """JSON schema (draft 2020-12) of `{"findings": [...], "impression": [...]}` for these facts.

    Only keywords that the grammars of Ollama and llama.cpp know: type, enum, properties,
    required, additionalProperties, items, maxItems, minLength, maxLength, minimum, maximum.
    """
    sentence = {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS[language]}
    listed: dict[str, Any] = {"type": "array", "maxItems": 0, "items": {"type": "object"}}
    if facts.findings:
        listed = {
            "type": "array",
            "maxItems": MAX_SENTENCES_PER_FINDING * len(facts.findings),
            "items": _closed(
                {
                    "finding_id": _one_of(finding.id for finding in facts.findings),
                    "label": _one_of(finding.label for finding in facts.findings),
                    "side": _one_of(str(finding.side) for finding in facts.findings),
                    "region": _one_of(str(finding.region) for finding in facts.findings),
                    "probability": {"type": "number", "minimum": 0, "maximum": 1},
                    "sentence": sentence,
                }
            ),
        }
    impression = {"type": "array", "maxItems": MAX_IMPRESSION, "items": sentence}
    return _closed({"findings": listed, "impression": impression})


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def _one_of(values: Iterable[str]) -> dict[str, Any]:
    """An enum in the order of the fact sheet, each value once."""
    return {"type": "string", "enum": list(dict.fromkeys(values))}
