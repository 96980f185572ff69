"""`make mutants`: apply the listed faults one by one; the named tests must go red for each.

Tests are pytest's, or (`*.test.js`) those of the page scripts, which need node. Exit 0 when every fault is caught, 1 when one survives or the tests are red without a fault.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.catalogue import ROOT, Mutant, load

TESTS_FAILED = 1  # pytest and node; 2 and above mean that nothing was tested
SECONDS_PER_RUN = 600
MARKS_OF_FAILURE = ("FAILED", "ERROR", "not ok")


def copy_tree(target: Path) -> None:
    """Copy what git tracks, and what it would track, to `target`."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listing.split("\0")):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)


def are_scripts(tests: list[str]) -> bool:
    """Whether node runs these tests; a fault names tests of one language only."""
    return any(test.endswith(".js") for test in tests)


def run_tests(tree: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    """Run tests of one language in `tree`, stopping at the first failure where that is possible."""
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OMNILENS_MODEL_ROOT": str(ROOT / "var" / "models"),
    }
    environment.pop("_OMNILENS_TEST_ROOT", None)
    if are_scripts(tests):
        command = ["node", "--test", "--test-reporter=tap", *tests]
    else:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--durations=0", *tests]
    return subprocess.run(
        command,
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_PER_RUN,
    )


def judge(mutant: Mutant) -> tuple[Mutant, bool, str]:
    """Whether the fault was caught, and by what."""
    with tempfile.TemporaryDirectory(prefix="omni-mutant-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        (tree / mutant.file).write_text(mutant.mutated(tree), encoding="utf-8")
        try:
            result = run_tests(tree, mutant.tests)
        except subprocess.TimeoutExpired:
            return mutant, True, "the tests hang"
    caught = result.returncode == TESTS_FAILED
    failed = [line for line in result.stdout.splitlines() if line.startswith(MARKS_OF_FAILURE)]
    return mutant, caught, failed[0][:150] if failed else result.stdout.strip()[-150:]


def is_green(chosen: list[Mutant]) -> bool:
    """Whether the named tests pass without any fault."""
    named = {test for mutant in chosen for test in mutant.tests}
    scripts = {test for test in named if are_scripts([test])}
    for tests in (named - scripts, scripts):
        clean = run_tests(ROOT, sorted(tests)) if tests else None
        if clean and clean.returncode:
            print(clean.stdout[-3000:])
            return False
    return True


def main() -> int:
    """Command line: `--only WORD` chooses faults by name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    chosen = [mutant for mutant in load() if options.only in mutant.name]
    if not is_green(chosen):
        print("The tests are red without any fault; mend them first.")
        return 1
    survivors = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for mutant, caught, evidence in pool.map(judge, chosen):
            survivors += not caught
            print(
                f"{'caught  ' if caught else 'SURVIVED'}  {mutant.name}\n          {evidence}",
                flush=True,
            )
    print(f"{len(chosen) - survivors} of {len(chosen)} faults caught")
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main())
