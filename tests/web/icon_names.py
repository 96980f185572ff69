"""Which Lucide icons the product uses, read from its templates, scripts and registrations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from project.web.styleguide import ICONS as STYLEGUIDE_ICONS

NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
PACKAGES = ("project", "accounts", "enhance", "tryon", "xray", "monitoring")
SIZES = {"small", "large"}
# `{% icon "x" %}`, `{% icon a|default:"x" %}` and partials that are given `icon="x"`.
IN_TEMPLATE = re.compile(rf"""{{%\s*icon\s+(?P<tag>[^\s%]+)|\bicon=["'](?P<given>{NAME})["']""")
# `icon("x")`, `icon(ready ? "x" : "y")` and tables with `icon: "x"`.
IN_SCRIPT = re.compile(
    rf"""(?<![\w.])icon\((?P<call>[^)]*)\)|\bicon:\s*["'](?P<given>{NAME})["']"""
)
# `icon="x"`, `icon: str = "x"`, `STAGE_ICON = "x"`.
IN_PYTHON = re.compile(rf"""(?i:\b\w*icon)\s*(?::\s*str\s*)?=\s*["'](?P<given>{NAME})["']""")
# `ICONS = {State.DONE: "x"}` of Python, `const SIGNS = { done: "x" }` of scripts.
TABLE = re.compile(r"\b_?(?:ICONS|SIGNS)\b[^=\n]*=\s*\{(?P<rows>[^}]*)\}")
VALUE = re.compile(rf""":\s*["'](?P<name>{NAME})["']""")
QUOTED = re.compile(rf"""["'](?P<name>{NAME})["']""")


def names_in(text: str, pattern: re.Pattern[str]) -> set[str]:
    """Every quoted name of one file."""
    found: set[str] = set()
    for match in pattern.finditer(text):
        parts = match.groupdict()
        if parts["given"]:
            found.add(parts["given"])
        else:
            call = parts.get("tag") or parts.get("call") or ""
            found |= {quoted["name"] for quoted in QUOTED.finditer(call)}
    for table in TABLE.finditer(text):
        found |= {value["name"] for value in VALUE.finditer(table["rows"])}
    return found - SIZES


def _files() -> Iterator[tuple[Path, re.Pattern[str]]]:
    root = settings.BASE_DIR
    folders = [root / "templates", *(root / package for package in PACKAGES)]
    for folder in folders:
        for path in sorted(folder.rglob("*.html")):
            yield path, IN_TEMPLATE
    for path in sorted((root / "static" / "js").glob("*.js")):
        yield path, IN_SCRIPT
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            yield path, IN_PYTHON


def used_icons() -> dict[str, str]:
    """Name of each icon and one file that uses it."""
    return dict.fromkeys(STYLEGUIDE_ICONS, "the style guide") | {
        name: str(path.relative_to(settings.BASE_DIR))
        for path, pattern in _files()
        for name in names_in(path.read_text(encoding="utf-8"), pattern)
    }
