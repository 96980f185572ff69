"""One stack per data directory.

The kernel holds the lock (flock), so a crash releases it; the file names the holder by pid and
start time for `manage.py status` and `manage.py stop`.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

from project.supervisor.identity import ProcessIdentity


class AlreadyRunning(Exception):
    """Another stack runs on this data directory; `holder` is None while it is just starting."""

    def __init__(self, holder: ProcessIdentity | None) -> None:
        super().__init__(f"already running (pid {holder.pid if holder else 'unknown'})")
        self.holder = holder


class StackLock:
    """The lock of the stack that lives in `var`."""

    def __init__(self, var: Path) -> None:
        self._path = var / "up.lock"
        self._descriptor: int | None = None

    def acquire(self) -> ProcessIdentity | None:
        """Take the lock for this process.

        Returns the dead holder of a stale lock that was taken over, else None.
        Raises AlreadyRunning.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise AlreadyRunning(_read(self._path)) from None
        stale = _read(self._path)
        me = ProcessIdentity.of(os.getpid())
        if me is None:
            raise RuntimeError("cannot read this process's own start time")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": me.pid, "started": me.started}).encode(), 0)
        self._descriptor = descriptor
        return stale

    def release(self) -> None:
        """Give the lock back and leave an empty file, which means a clean stop."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def holder(var: Path) -> ProcessIdentity | None:
    """The living holder of the lock, or None when no stack runs."""
    found = _read(var / "up.lock")
    return found if found is not None and found.is_alive() else None


def _read(path: Path) -> ProcessIdentity | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return ProcessIdentity(pid=int(data["pid"]), started=float(data["started"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
