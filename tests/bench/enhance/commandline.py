"""Options that the parts share."""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def parser(description: str | None, **defaults: int) -> argparse.ArgumentParser:
    """`--json`, `--threads`, and an integer option for each of `defaults`."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--json", type=Path, help="write the rows there, too")
    made.add_argument("--threads", type=int, default=os.cpu_count(), help="of torch, on a CPU")
    for name, value in defaults.items():
        made.add_argument(f"--{name.replace('_', '-')}", type=int, default=value)
    return made
