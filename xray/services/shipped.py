"""The networks that come with the product, and whether they are there."""

from __future__ import annotations

from pathlib import Path

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
CLASSIFIER, GATE = "cxr-resnet50.safetensors", "cxr-gate.safetensors"


def shipped_classifier() -> Path:
    """The path of the classifier, whether or not it is there."""
    return WEIGHTS / CLASSIFIER


def shipped_gate() -> Path:
    """The path of the gate, whether or not it is there."""
    return WEIGHTS / GATE
