"""`make release`: VERSION, CHANGELOG and the tree agree before a tag is made."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SEMVER = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")


def problems(version: str, changelog: str, dirty: str, tags: str) -> list[str]:
    """What stands in the way of a tag, in plain words."""
    found = []
    if not SEMVER.fullmatch(version):
        found.append(f"VERSION holds {version!r}, which is not a semantic version")
    if not re.search(
        rf"^## {re.escape(version)} \(\d{{4}}-\d{{2}}-\d{{2}}\)$", changelog, re.MULTILINE
    ):
        found.append(f"CHANGELOG.md has no heading '## {version} (YYYY-MM-DD)'")
    if dirty.strip():
        found.append("there are uncommitted changes")
    if f"v{version}" in tags.split():
        found.append(f"the tag v{version} exists; raise VERSION")
    return found


def main() -> int:
    """Print the problems; exit 1 when there are any."""

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

    found = problems(
        (ROOT / "VERSION").read_text(encoding="utf-8").strip(),
        (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        git("status", "--porcelain"),
        git("tag", "--list"),
    )
    for problem in found:
        print(f"Not released: {problem}.")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
