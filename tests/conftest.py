"""Shared fixtures: a real Redis per test process, users, a picture."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

# The browser tests need a browser and minutes: `make e2e` runs them.
collect_ignore = [] if os.environ.get("_OMNILENS_E2E") else ["e2e"]

# Files whose tests share processes that are dear to start; each file runs in one test process.
# (xdist 3.8 loses its group marks under pytest 9.2: node ids are no longer writable.)
KEPT_TOGETHER = ("tests/resilience/test_scale_out.py",)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Spread tests one by one, except those of KEPT_TOGETHER."""
    from xdist.scheduler import LoadScopeScheduling

    class Spread(LoadScopeScheduling):  # type: ignore[misc, no-any-unimported]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return file if file in KEPT_TOGETHER else nodeid

    return Spread(config, log) if config.getvalue("dist") == "loadgroup" else None


def _wait_for(socket: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        if socket.exists():
            return
        if process.poll() is not None:
            raise RuntimeError("the redis-server did not start")
        time.sleep(0.01)
    raise RuntimeError("the redis-server did not answer")


@pytest.fixture(scope="session", autouse=True)
def redis_server() -> Iterator[None]:
    """A redis-server on this process's own socket, so that workers never share a key."""
    from django.conf import settings

    from project.supervisor.paths import redis_socket_path
    from tests.redis_binary import redis_executable

    socket = redis_socket_path(settings.VAR_DIR)
    if f"unix://{socket}" != settings.REDIS_URL:
        raise RuntimeError("unset OMNILENS_REDIS_URL: tests empty the Redis they use")
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket.unlink(missing_ok=True)
    process = subprocess.Popen(
        [
            redis_executable(),
            "--port",
            "0",
            "--unixsocket",
            str(socket),
            "--unixsocketperm",
            "700",
            "--save",
            "",
            "--appendonly",
            "no",
        ],
        stdout=subprocess.DEVNULL,
    )
    _wait_for(socket, process)
    yield
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture(autouse=True)
def default_language() -> Iterator[None]:
    """A request of a test client leaves its language behind; the next test starts without one."""
    yield
    from django.utils import translation

    translation.deactivate()


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


@pytest.fixture
def kept_signals():
    """The handlers of the test process, put back afterwards."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
