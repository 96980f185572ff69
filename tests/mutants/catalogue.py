"""The list of faults and how one is applied to a copy of the tree."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("mutants.toml")


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One fault: `find` (which occurs exactly once in `file`) becomes `replace`."""

    name: str
    file: str
    find: str
    replace: str
    tests: list[str]

    def mutated(self, tree: Path) -> str:
        """The text of the file with the fault. Raises ValueError when the fault no longer fits."""
        text = (tree / self.file).read_text(encoding="utf-8")
        count = text.count(self.find)
        if count != 1:
            raise ValueError(f"{self.name}: the text to change occurs {count} times in {self.file}")
        return text.replace(self.find, self.replace)


def load() -> list[Mutant]:
    """Every listed fault."""
    return [Mutant(**entry) for entry in tomllib.loads(LIST.read_text(encoding="utf-8"))["mutant"]]
