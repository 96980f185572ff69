"""How one picture of a call ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A written file, or the `problem` in words. `seconds` is the time of the work itself."""

    source: Path
    path: Path | None = None
    size: tuple[int, int] = (0, 0)
    seconds: float | None = None
    warnings: tuple[str, ...] = ()
    problem: str = ""
