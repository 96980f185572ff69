"""Both parts of `make bench-xray`, each in a process of its own; 1 when a goal was missed.

    python -m tests.bench.xray [--only inference,stack] [--quick] [--model FILE] [--json FOLDER]

inference: one film in the fastest verified format against plain float32 (at 1 and 2 threads), how
far a probability moves, batches, the load. stack: upload to report with heat map through the real
processes, the PDF. Without --model the shipped classifier is measured; a file of `xray_train` that
was calibrated does as well. OMNILENS_XRAY_DATA, if set, gives real films for the probabilities.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from xray.services.shipped import shipped_classifier, shipped_gate

ROOT = Path(__file__).resolve().parents[3]
# Arguments of a quick run: to see that everything runs.
PARTS: dict[str, tuple[str, ...]] = {
    "inference": ("--rounds", "3", "--films", "8"),
    "stack": ("--films", "5"),
}


def main() -> int:
    """Command line; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", help=f"comma-separated: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--model", type=Path, default=shipped_classifier())
    parser.add_argument("--json", type=Path, help="a folder for the rows of each part")
    options = parser.parse_args()
    chosen = options.only.split(",") if options.only else [*PARTS]
    if unknown := sorted(set(chosen) - set(PARTS)):
        parser.error(f"no part is called {', '.join(unknown)}")
    if not options.model.is_file():
        parser.error(f"{options.model} is not there: name a calibrated classifier with --model")
    if "stack" in chosen and not shipped_gate().is_file():
        parser.error(f"{shipped_gate()} is not there: nothing is scored without the gate")
    if options.json:
        options.json.mkdir(parents=True, exist_ok=True)
    failed = [part for part in chosen if run(part, options)]
    print(f"\n{len(chosen) - len(failed)} of {len(chosen)} parts met their goals")
    if failed:
        print(f"MISSED: {', '.join(failed)}")
    return bool(failed)


def run(part: str, options: argparse.Namespace) -> int:
    """The exit code of one part."""
    command = [sys.executable, "-m", f"tests.bench.xray.{part}", "--model", str(options.model)]
    if options.quick:
        command += PARTS[part]
    if options.json:
        command += ["--json", str(options.json / f"{part}.json")]
    return subprocess.run(command, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
