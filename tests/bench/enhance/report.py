"""Rows that are printed as they come, kept in a file, and judged at the end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class Report:
    """`rows` grow; with a `file` every row is on disk at once, so that a cut run keeps them."""

    def __init__(self, title: str, *, file: Path | None = None) -> None:
        self.title = title
        self.rows: list[dict[str, Any]] = []
        self._file = file
        print(f"\n{title}\n\n| what | measured | goal | |\n|---|---|---|---|", flush=True)

    def add(
        self,
        name: str,
        value: float | str,
        unit: str = "",
        *,
        goal: str = "",
        met: bool | None = None,
        detail: Any = None,
    ) -> None:
        """`met` None: a figure without a goal, or a goal that this machine cannot judge."""
        verdict = "" if met is None else ("met" if met else "MISSED")
        row = {"name": name, "value": value, "unit": unit, "goal": goal, "met": met}
        self.rows.append(row if detail is None else {**row, "detail": detail})
        print(f"| {name} | {shown(value)} {unit} | {goal} | {verdict} |", flush=True)
        if self._file:
            self._file.write_text(
                json.dumps({"title": self.title, "rows": self.rows}, indent=1, default=str),
                encoding="utf-8",
            )

    def at_least(self, name: str, value: float, wanted: float, unit: str = "", **more: Any) -> None:
        """A goal from below."""
        self.add(name, value, unit, goal=f">= {wanted:g} {unit}".strip(), met=value >= wanted, **more)  # fmt: skip

    def at_most(self, name: str, value: float, wanted: float, unit: str = "", **more: Any) -> None:
        """A goal from above."""
        self.add(name, value, unit, goal=f"<= {wanted:g} {unit}".strip(), met=value <= wanted, **more)  # fmt: skip

    @property
    def missed(self) -> list[str]:
        """Names of the goals that were not met."""
        return [str(row["name"]) for row in self.rows if row["met"] is False]


def shown(value: float | str) -> str:
    """Three digits are what a measurement is worth."""
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
