"""One throw-away deployment: `manage.py up` on a folder of its own, real weights, loopback only."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.measure.host import ROOT, free_port

LAUNCHER = ROOT / "project" / "supervisor" / "launch.py"
PATIENCE_SECONDS = 180
STOP_SECONDS = 60
ENVIRONMENT_OF_OTHERS = ("OMNILENS_", "REDIS_URL", "DATABASE_URL", "DJANGO_SETTINGS_MODULE")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Where it answers, where it keeps its data, and what its processes are told."""

    var: Path
    port: int
    environment: dict[str, str] = field(repr=False)

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def enter(self) -> None:
        """Let this process use the same stores: Django models and services."""
        import django

        os.environ.update(self.environment)
        os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings.embedded"
        django.setup()
        logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request

    def children(self) -> dict[str, int]:
        """The pid of each process of the stack by name, the supervisor's too."""
        state = json.loads((self.var / "stack.json").read_text(encoding="utf-8"))
        running = {child["name"]: child["pid"] for child in state["children"] if child["pid"]}
        return {"supervisor": state["pid"], **running}


@contextlib.contextmanager
def deployment(
    *, nice: int = 0, arguments: tuple[str, ...] = (), **environment: str
) -> Iterator[Deployment]:
    """A ready stack that ends, with its folder, when the block does.

    Its processes die with this one. `environment` adds OMNILENS_* variables. Raises
    RuntimeError, with the end of its log, when it does not become ready.
    """
    with tempfile.TemporaryDirectory(prefix="omni-measure-") as folder:
        inherited = {n: v for n, v in os.environ.items() if not n.startswith(ENVIRONMENT_OF_OTHERS)}
        stack = Deployment(
            var=Path(folder),
            port=free_port(),
            environment={
                **inherited,
                "OMNILENS_DOTENV": "",
                "OMNILENS_VAR": folder,
                "OMNILENS_MODEL_ROOT": os.environ.get(
                    "OMNILENS_MODEL_ROOT", str(ROOT / "var" / "models")
                ),
                **environment,
            },
        )
        up = [sys.executable, "manage.py", "up", "--port", str(stack.port), *arguments]
        with running(
            up, f"{stack.url}/readyz", environment=stack.environment, folder=stack.var, nice=nice
        ):
            yield stack


@contextlib.contextmanager
def running(
    command: list[str], url: str, *, environment: dict[str, str], folder: Path, nice: int = 0
) -> Iterator[subprocess.Popen[bytes]]:
    """A child that answers at `url`; it ends with the block, and with this process."""
    log = folder / f"{Path(command[1]).name}-{free_port()}.log"
    tied = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(nice)]
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*tied, *command],
            cwd=ROOT,
            env=environment,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
        try:
            _wait_for(url, process, log)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(url: str, process: subprocess.Popen[Any], log: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"it ended with {process.returncode}: {_end_of(log)}")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=2).status_code == httpx.codes.OK:
                return
        time.sleep(0.2)
    raise RuntimeError(f"{url} did not answer in {PATIENCE_SECONDS} s: {_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-3000:]
