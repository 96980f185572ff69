"""The log file: private, shared by several processes, rotated by one of them."""

from __future__ import annotations

import os
from io import TextIOWrapper
from logging.handlers import WatchedFileHandler
from pathlib import Path

MAX_LOG_BYTES = 10_000_000
KEPT_LOG_FILES = 5


class PrivateFileHandler(WatchedFileHandler):
    """Appends to a file that only its owner reads, and reopens it after a rotation.

    Not RotatingFileHandler: web, workers and scheduler write to the same file, and each would
    rename it under the others.
    """

    def _open(self) -> TextIOWrapper:
        return open_private(Path(self.baseFilename))


def open_private(path: Path) -> TextIOWrapper:
    """Open for appending; a new file, and a new folder, are their owner's alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    return os.fdopen(descriptor, "a", encoding="utf-8")


def rotate(path: Path, *, max_bytes: int = MAX_LOG_BYTES, keep: int = KEPT_LOG_FILES) -> bool:
    """Rename `path` to `path.1` (and so on, dropping the oldest) once it is full."""
    if not path.is_file() or path.stat().st_size < max_bytes:
        return False
    for number in range(keep - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number + 1}"))
    path.replace(path.with_name(f"{path.name}.1"))
    return True
