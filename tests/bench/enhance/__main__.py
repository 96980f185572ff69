"""Every part of `make bench-enhance`, each in a process of its own; 1 when a goal was missed.

    python -m tests.bench.enhance [--only cpu,paste] [--quick] [--threads 2] [--json FOLDER]

Parts with goals: tiling (C4), cpu (C2), paste (C3), latency (L1), responsiveness (L2 to L4), and gpu
(G1 to G4) where there is a CUDA device. Parts that only report: networks, sizes, profile. `--quick`
asks for less of each, to see that everything runs: its numbers say little.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Arguments of a quick run.
PARTS: dict[str, tuple[str, ...]] = {
    "tiling": (),
    "cpu": ("--side", "64", "--rounds", "1"),
    "paste": ("--width", "2000", "--height", "1500", "--rounds", "2"),
    "latency": ("--pictures", "5", "--side", "128", "--rounds", "1", "--most", "3"),
    "responsiveness": ("--requests", "50", "--side", "256"),
    "gpu": (),
    "networks": ("--side", "64", "--rounds", "1"),
    "sizes": ("--quick", "1"),
    "profile": ("--jobs", "20", "--side", "128"),
}


def main() -> int:
    """Command line; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", help=f"comma-separated: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of torch, on a CPU")
    parser.add_argument("--json", type=Path, help="a folder for the rows of each part")
    options = parser.parse_args()
    chosen = options.only.split(",") if options.only else [*PARTS]
    if unknown := sorted(set(chosen) - set(PARTS)):
        parser.error(f"no part is called {', '.join(unknown)}")
    if "gpu" in chosen and not options.only and not has_cuda():
        print("gpu: left out, this machine shows no CUDA device")
        chosen.remove("gpu")
    if options.json:
        options.json.mkdir(parents=True, exist_ok=True)
    failed = [part for part in chosen if run(part, options)]
    print(f"\n{len(chosen) - len(failed)} of {len(chosen)} parts met their goals")
    if failed:
        print(f"MISSED: {', '.join(failed)}")
    return bool(failed)


def run(part: str, options: argparse.Namespace) -> int:
    """The exit code of one part."""
    command = [
        sys.executable,
        "-m",
        f"tests.bench.enhance.{part}",
        "--threads",
        str(options.threads),
    ]
    if options.quick:
        command += PARTS[part]
    if options.json:
        command += ["--json", str(options.json / f"{part}.json")]
    return subprocess.run(command, cwd=ROOT).returncode


def has_cuda() -> bool:
    """Asked in a process of its own, so that this one keeps no device."""
    code = "import sys, torch; sys.exit(not torch.cuda.is_available())"
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
