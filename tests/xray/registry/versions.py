"""Model versions as `xray_eval --save` leaves them."""

from __future__ import annotations

import copy
from typing import Any

from project.images import storage
from tests.xray.factories import make_version
from xray.pipeline.form import BFLOAT16_FORM

GOOD = {
    "auc": 0.975, "accuracy": 0.93, "sensitivity": 0.96, "specificity": 0.85, "ece": 0.03,
    "brier": 0.06, "n": 400, "sick": 250, "split": "holdout", "data": "films",
    "operating_point": {"name": "screening", "probability": 0.4},
    "ci": {name: [0.5, 0.99] for name in ("auc", "accuracy", "sensitivity", "specificity", "ece")},
    "reliability": [
        {"probability": 0.1, "share": 0.05, "count": 200},
        {"probability": 0.9, "share": 0.95, "count": 200},
    ],
    "formats": {
        "float32": {"films": 200, "probability_difference": 0.0, "verified": True},
        "bfloat16": {
            "films": 200,
            "probability_difference": 0.004,
            "verified": True,
            "form": BFLOAT16_FORM,
        },
    },
}  # fmt: skip
CALIBRATION = {
    "temperature": 1.2, "temperature_low": 1.0, "temperature_high": 1.4,
    "points": {"screening": 0.4, "balanced": 0.5},
}  # fmt: skip


def figures(**changes: Any) -> dict[str, Any]:
    """Hold-out figures that meet every goal, but for the changes; None takes one out."""
    changed = {**copy.deepcopy(GOOD), **changes}
    return {"holdout": {name: value for name, value in changed.items() if value is not None}}


def stored_version(version: str, **changes: Any) -> Any:
    """A draft that could serve, with a file of its own in the storage."""
    key = storage.new_upload_key("png").replace("original.png", "model.safetensors")
    storage.put(key, b"weights of " + version.encode())
    given = {
        "file": key, "is_shipped": False, "calibration": copy.deepcopy(CALIBRATION),
        "metrics": figures(), "command": "manage.py xray_train", "data_sha256": "ab" * 32,
        **changes,
    }  # fmt: skip
    return make_version(version=version, **given)
