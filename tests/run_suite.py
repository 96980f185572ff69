"""`make test`: the whole suite in parallel under coverage, then the coverage gate."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> int:
    """Run pytest on every core; arguments go to pytest. Without arguments coverage is gated."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "project.settings.test",
        "OMP_NUM_THREADS": "1",
        "OMNILENS_MODEL_ROOT": os.environ.get("OMNILENS_MODEL_ROOT", str(ROOT / "var" / "models")),
    }
    python = [sys.executable, "-m"]
    for stale in ROOT.glob(".coverage*"):
        stale.unlink()
    suite = [*python, "coverage", "run", "-m", "pytest", "-q", "-n", "auto", "--dist", "loadgroup"]
    status = subprocess.run([*suite, *arguments], cwd=ROOT, env=environment, check=False).returncode
    if status or arguments:
        return status
    subprocess.run([*python, "coverage", "combine", "-q"], cwd=ROOT, check=True)
    return subprocess.run([*python, "coverage", "report"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
