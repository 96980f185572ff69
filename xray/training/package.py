"""What is committed beside the weights: figures, the exact command, hashes, the card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TRAINED_ON = (
    "Chest films of children of 1 to 5 years from one hospital (Kermany et al. 2018, official"
    " training split, 224 px)"
)
FIGURES = ("auc", "accuracy", "sensitivity", "specificity", "ece", "brier")
NAMES = {
    "holdout": "Hold-out (no choice saw it)",
    "calibration": "Calibration (points chosen here)",
    "external": "External: adults, NIH",
}
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def metrics_of(
    *,
    training: Mapping[str, Any],
    calibration: Mapping[str, Any],
    figures: Mapping[str, Mapping[str, Any]],
    version: str,
    px: int,
) -> dict[str, Any]:
    """The content of metrics.json."""
    return {
        "version": version,
        "architecture": "resnet50",
        "px": px,
        "trained_on": TRAINED_ON,
        "training": dict(training),
        "calibration": dict(calibration),
        "figures": {name: dict(told) for name, told in figures.items()},
    }


def figures_table(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Markdown: one row for each set, each figure with its 95 % interval."""
    lines = [f"| films | n | {' | '.join(FIGURES)} |", "|---" * (len(FIGURES) + 2) + "|"]
    for name, told in figures.items():
        cells = [
            f"{told[figure]:.3f} ({told['ci'][figure][0]:.3f} to {told['ci'][figure][1]:.3f})"
            for figure in FIGURES
        ]
        lines.append(f"| {NAMES[name]} | {told['n']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def with_figures(card: str, figures: Mapping[str, Mapping[str, Any]]) -> str:
    """The card with its table replaced. Raises ValueError without the two marks."""
    before, begin, rest = card.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the card has no place for its figures")
    return f"{before}{BEGIN}\n{figures_table(figures)}\n{END}{after}"


def write_sums(folder: Path) -> None:
    """SHA256SUMS of everything beside it, as `sha256sum -c` reads it."""
    files = sorted(path for path in folder.iterdir() if path.suffix in {".safetensors", ".json"})
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8")


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Indented, with a final newline."""
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
