"""The `.env` file. Our own reader, because a malformed line must never be logged: it may
hold a secret (django-environ prints such lines)."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


def parse(text: str, *, source: str) -> dict[str, str]:
    """`NAME=value` lines; `#` starts a comment line; one pair of quotes around a value is taken off.

    Raises ImproperlyConfigured with the line's number, never with its content.
    """
    values: dict[str, str] = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if not match:
            raise ImproperlyConfigured(f"{source}, line {number}: expected NAME=value")
        name, value = match[1], match[2].strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        values[name] = value
    return values


def load(path: Path, environment: MutableMapping[str, str]) -> None:
    """Add the file's variables to `environment`; those that are already set win."""
    if not path.is_file():
        return
    for name, value in parse(path.read_text(encoding="utf-8"), source=str(path)).items():
        environment.setdefault(name, value)
