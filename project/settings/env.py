"""Typed settings from the environment: the only place that reads `os.environ`.

Each variable is declared once in `variables.py`. A variable `NAME` may also be given as
`NAME_FILE`, the path of a file that holds the value (for secrets of a container platform).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from project.settings import dotenv
from project.settings.parsers import BASE_DIR
from project.settings.variables import VARIABLES, Variable

__all__ = ["BASE_DIR", "VARIABLES", "get", "read_dotenv", "unknown_names"]


def read_dotenv() -> None:
    """Read the file that OMNILENS_DOTENV names (default `.env`) into the environment."""
    path = get("OMNILENS_DOTENV")
    if path is not None:
        dotenv.load(path, os.environ)


def get(name: str) -> Any:
    """The parsed value of a declared variable, its default, or None.

    Raises ImproperlyConfigured, naming the variable, when the text does not parse.
    """
    variable = VARIABLES[name]
    found = _find(variable)
    if found is None:
        return None if variable.default is None else variable.parse(variable.default)
    spelling, text = found
    try:
        return variable.parse(text)
    except ValueError as error:
        shown = "***" if variable.secret else repr(text)
        raise ImproperlyConfigured(f"{spelling}={shown}: {error}") from None


def unknown_names() -> list[str]:
    """`OMNILENS_*` names in the environment that no variable declares (a typing mistake)."""
    known = set(VARIABLES) | {f"{name}_FILE" for name in VARIABLES}
    return sorted(n for n in os.environ if n.startswith("OMNILENS_") and n not in known)


def _find(variable: Variable) -> tuple[str, str] | None:
    """The spelling that is set and its text; the own name wins over its aliases."""
    for name in (variable.name, *variable.aliases):
        if name in os.environ:
            return name, os.environ[name]
        file = os.environ.get(f"{name}_FILE")
        if file:
            return f"{name}_FILE", _read_secret(f"{name}_FILE", Path(file))
    return None


def _read_secret(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}={path}: {error.strerror}") from error
