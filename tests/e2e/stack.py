"""A whole Omnilens of its own, started as a new user would, for the browser to look at."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from project.management.first_accounts import read_demo_sign_in
from project.supervisor import child, state

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 600.0
ADMINISTRATOR = re.compile(r"Administrator: (\S+) / (\S+)")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who can sign in."""

    username: str
    password: str


@dataclass(frozen=True, kw_only=True)
class LiveStack:
    """Its address and its first accounts; the demo user owns the finished sample jobs."""

    url: str
    var: Path
    demo: Person
    administrator: Person


@contextmanager
def live_stack(var: Path) -> Iterator[LiveStack]:
    """Start `manage.py up --samples` on a free port, wait for the samples, stop it at the end."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("OMNILENS_")},
        "OMNILENS_VAR": str(var),
        "OMNILENS_MODEL_ROOT": os.environ.get("OMNILENS_MODEL_ROOT", str(ROOT / "var" / "models")),
        "DJANGO_SETTINGS_MODULE": "project.settings.embedded",
    }
    log = var / "e2e.log"
    var.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", str(child.LAUNCHER), str(os.getpid()), "0"),
                *(
                    sys.executable,
                    str(ROOT / "manage.py"),
                    "up",
                    "--port",
                    str(_free_port()),
                    "--samples",
                ),
            ],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield _ready(var, log, process)
    except BaseException:
        sys.stderr.write(log.read_text("utf-8", "replace")[-8000:])
        raise
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _ready(var: Path, log: Path, process: subprocess.Popen[bytes]) -> LiveStack:
    give_up = time.monotonic() + READY_SECONDS
    pause = threading.Event()
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise RuntimeError("the stack did not start")
        running = state.read(var)
        administrator = ADMINISTRATOR.search(log.read_text("utf-8", "replace"))
        demo = read_demo_sign_in(var)
        samples_done = (var / "demo" / "done").exists()
        if running and running.ready and administrator and demo and samples_done:
            return LiveStack(
                url=running.url,
                var=var,
                demo=Person(username=demo.username, password=demo.password),
                administrator=Person(username=administrator[1], password=administrator[2]),
            )
        pause.wait(0.3)
    raise RuntimeError(f"the stack and its samples were not ready after {READY_SECONDS:.0f} s")


def chromium() -> str:
    """Debian's browser; `tests/e2e/run.sh` installs it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise RuntimeError("no chromium: run `make e2e`, which installs it")
    return found
