"""The table of sample jobs, in plain text."""

from __future__ import annotations

from collections.abc import Sequence

from project.demo.run import SampleOutcome

HEAD = ("kind", "state", "seconds", "in", "out", "file")


def render(outcomes: Sequence[SampleOutcome]) -> list[str]:
    """Aligned lines; the reason of a failure follows its row."""
    rows = [HEAD, *(_cells(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
             for row in rows]  # fmt: skip
    for index, outcome in reversed(list(enumerate(outcomes, start=1))):
        if outcome.detail:
            lines.insert(index + 1, f"  {outcome.detail}")
    return lines


def _cells(outcome: SampleOutcome) -> tuple[str, ...]:
    return (
        outcome.kind,
        outcome.state,
        "-" if outcome.seconds is None else f"{outcome.seconds:.1f}",
        outcome.size_in or "-",
        outcome.size_out or "-",
        str(outcome.file or "-"),
    )
