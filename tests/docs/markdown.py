"""What the written pages say: links, names of tests, commands, targets. Read, never executed."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")


@cache
def known_files() -> frozenset[str]:
    """Files of the repository, also those not committed yet, without what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return frozenset(name for name in listed.stdout.splitlines() if (ROOT / name).is_file())


def pages() -> list[str]:
    """Every Markdown file, by its path in the repository."""
    return sorted(name for name in known_files() if name.endswith(".md"))


def text_of(page: str) -> str:
    """The page as written."""
    return (ROOT / page).read_text(encoding="utf-8")


def prose_of(page: str) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", text_of(page))


def blocks_of(page: str) -> str:
    """The fenced blocks alone."""
    return "\n".join(_FENCE.findall(text_of(page)))


def links_of(page: str) -> list[str]:
    """Targets of the links between files; other sites are left out."""
    return [link for link in _LINK.findall(prose_of(page)) if "://" not in link]


def anchors_of(page: str) -> set[str]:
    """The fragments that a heading answers to."""
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in _HEADING.findall(prose_of(page))
    }


def code_of(page: str) -> list[str]:
    """Every piece of inline code."""
    return _CODE.findall(prose_of(page))


def exists_module(dotted: str) -> bool:
    """Whether the repository holds the module, as a file or as a package that runs."""
    path = dotted.replace(".", "/")
    return bool({f"{path}.py", f"{path}/__main__.py"} & known_files())
