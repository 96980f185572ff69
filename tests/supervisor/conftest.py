"""Tiny children and a recorded terminal."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from project.supervisor.output import LineWriter
from project.supervisor.processes import ProcessSpec
from project.supervisor.supervisor import Supervisor


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(tmp_path: Path, screen: io.StringIO, clock: Clock) -> Iterator[Supervisor]:
    """A supervisor whose back-off runs on the test's clock; real children, stopped at the end."""
    lines = LineWriter(screen, as_json=False, colour=False)
    made = Supervisor(folder=tmp_path, lines=lines, clock=clock)
    yield made
    clock.now += 1000
    made.stop()


def python(name: str, code: str, *, stop_rank: int = 0, grace: float = 10.0) -> ProcessSpec:
    """A child that runs one line of Python."""
    return ProcessSpec(
        name=name,
        argv=(sys.executable, "-I", "-S", "-c", code),
        stop_rank=stop_rank,
        grace_seconds=grace,
    )


SLEEP = "import time; time.sleep(600)"


def eventually(condition: Callable[[], object], *, seconds: float = 15.0) -> None:
    """Return as soon as the condition holds; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition did not come true"
        time.sleep(0.01)
