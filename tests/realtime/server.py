"""A real daphne in its own process, on the database and the Redis of this test run."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection


def database_url() -> str:
    """The test database, as another process has to be told."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    user = f"{settings['USER']}:{settings['PASSWORD']}@" if settings["USER"] else ""
    return f"postgres://{user}{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"


@contextmanager
def daphne() -> Iterator[str]:
    """The path of its unix socket."""
    with tempfile.TemporaryDirectory(prefix="omni-ws-") as folder:
        path = str(Path(folder) / "d.sock")
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "daphne", "-u", path, "project.asgi:application"],
                env={**os.environ, "OMNILENS_DATABASE_URL": database_url()},
                stdout=output,
                stderr=output,
            )
        try:
            wait_for(path, process, log)
            yield path
        finally:
            process.kill()
            process.wait(timeout=10)


def wait_for(path: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server answers; raises with its log when it ends instead."""
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(log.read_text())
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(path)
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"daphne did not answer: {log.read_text()}")
