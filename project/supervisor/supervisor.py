"""Keeps a set of children alive and stops them in order."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

from project.supervisor.child import Child
from project.supervisor.output import LineWriter
from project.supervisor.processes import ProcessSpec
from project.supervisor.recycling import Recycler, resident_bytes
from project.supervisor.state import FAILED, ChildState

POLL_SECONDS = 0.05


class Supervisor:
    """Owner of the children. `clock` and `sleep` are seconds, monotonic; `memory_of(pid)` is in
    bytes."""

    def __init__(
        self,
        *,
        folder: Path,
        lines: LineWriter,
        on_change: Callable[[list[ChildState]], None] = lambda children: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        memory_of: Callable[[int], int] = resident_bytes,
    ) -> None:
        self._folder = folder
        self._lines = lines
        self._on_change = on_change
        self._clock = clock
        self._sleep = sleep
        self._children: list[Child] = []
        self._recycler = Recycler(
            clock=clock, memory_of=memory_of, report=lambda text: lines.write("up", text)
        )

    def start(self, spec: ProcessSpec) -> None:
        """Start a child and watch it from now on."""
        child = Child(
            spec,
            folder=self._folder,
            lines=self._lines,
            clock=self._clock,
            report=lambda text: self._lines.write("up", text),
        )
        child.start()
        self._children.append(child)
        self._on_change(self.children())

    def tick(self) -> None:
        """Look at every child once; call it a few times a second."""
        self._recycler.tick(self._children)
        changed = [child.tick() for child in self._children]
        if any(changed):
            self._on_change(self.children())

    def stop(self) -> None:
        """Stop by rank: everyone in a rank is asked, gets its grace, then is killed."""
        ranked = sorted(self._children, key=lambda child: child.spec.stop_rank)
        for _rank, group in groupby(ranked, key=lambda child: child.spec.stop_rank):
            self._stop_together(list(group))
        self._on_change(self.children())

    def children(self) -> list[ChildState]:
        """Their states, in the order of their start."""
        return [child.describe() for child in self._children]

    def failed(self) -> list[str]:
        """Names of the children that were given up."""
        return [child.name for child in self.children() if child.state == FAILED]

    def _stop_together(self, children: list[Child]) -> None:
        for child in children:
            child.terminate()
        asked = self._clock()
        waiting = [child for child in children if child.exit_code() is None]
        while waiting:
            for child in waiting:
                if self._clock() - asked >= child.spec.grace_seconds:
                    self._lines.write("up", f"{child.spec.name} did not stop in time; killing it")
                    child.kill()
            waiting = [child for child in waiting if child.exit_code() is None]
            if waiting:
                self._sleep(POLL_SECONDS)
