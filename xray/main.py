"""`python -m xray.main train|info`: the two commands of the original service."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

COMMANDS = {"train": "xray_train", "info": "xray_info"}


def main(arguments: Sequence[str]) -> int:
    """Hand the rest to the command of ours; returns the exit code."""
    name, rest = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    if name not in COMMANDS:
        sys.stderr.write(f"usage: python -m xray.main {{{','.join(COMMANDS)}}} [options]\n")
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", COMMANDS[name], *rest])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
