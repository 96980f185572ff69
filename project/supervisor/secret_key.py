"""The signing key of the embedded default: generated once, readable by its owner only."""

from __future__ import annotations

import os
from pathlib import Path


def ensure_secret_key(var: Path) -> str:
    """Return the key in `var/secret_key`, creating directory (0700) and file (0600) if missing.

    Two processes that start at once agree: the loser of the exclusive create reads the winner's.
    """
    from django.core.management.utils import get_random_secret_key

    var.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = var / "secret_key"
    temporary = var / f".secret_key.{os.getpid()}"
    if not path.exists():
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(get_random_secret_key())
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    if path.stat().st_mode & 0o077:  # restored from a backup, perhaps
        path.chmod(0o600)
    return path.read_text(encoding="utf-8").strip()
