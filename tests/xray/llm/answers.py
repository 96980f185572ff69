"""What a model might say about `make_facts()`: pneumonia 0.912 in the right lower zone."""

from __future__ import annotations

import json

GOOD = {
    "en": (
        "Pneumonia is likely, with a probability of 0.912, in the right lower zone.",
        "Findings suggest pneumonia in the right lower zone.",
    ),
    "zh-hans": (
        "右下肺野考虑肺炎，概率 0.912，高于判定阈值。",
        "右下肺野肺炎可能，概率 0.912。",
    ),
}


def answer(*, language="en", sentence=None, impression=None, **changes):
    """The JSON text of an answer; right unless something is changed."""
    good_sentence, good_impression = GOOD[language]
    item = {
        "finding_id": "F1", "label": "pneumonia", "side": "right", "region": "right_lower",
        "probability": 0.912, "sentence": sentence or good_sentence, **changes,
    }  # fmt: skip
    said = {"findings": [item], "impression": [impression or good_impression]}
    return json.dumps(said, ensure_ascii=False)
