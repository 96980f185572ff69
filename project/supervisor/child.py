"""One supervised process: start, watch, restart."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from project.supervisor.output import LineWriter
from project.supervisor.processes import ProcessSpec
from project.supervisor.ready_signal import READY_DESCRIPTOR, ReadySignal
from project.supervisor.restart_policy import RestartPolicy
from project.supervisor.state import FAILED, ChildState

LAUNCHER = Path(__file__).with_name("launch.py")
READY_SECONDS = 60.0


class Child:
    """running -> (dies) waiting -> running; waiting -> failed; running -> done | stopped;
    running -> recycling -> running."""

    def __init__(
        self,
        spec: ProcessSpec,
        *,
        folder: Path,
        lines: LineWriter,
        clock: Callable[[], float],
        report: Callable[[str], None],
    ) -> None:
        self.spec = spec
        self.state = "stopped"
        self.restarts = 0
        self._folder = folder
        self._lines = lines
        self._clock = clock
        self._report = report
        self._policy = RestartPolicy()
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._next_start = 0.0
        self._ready = ReadySignal()
        # What makes way for its successor, and when it is killed; None before it was told.
        self._leaving: subprocess.Popen[bytes] | None = None
        self._leave_by: float | None = None

    def start(self) -> None:
        """Start the process in its own session, tied to this one."""
        descriptors, environment = self.spec.inherited_descriptors, dict(self.spec.environment)
        if self.spec.overlaps:
            writer = self._ready.open()
            descriptors = (*descriptors, writer)
            environment[READY_DESCRIPTOR] = str(writer)
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid())),
                *(str(self.spec.nice), *self.spec.argv),
            ],
            cwd=self._folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=descriptors,
            start_new_session=True,  # Ctrl-C reaches the supervisor only, which keeps the order
        )
        self._ready.handed_over()
        if self._process.stdout is not None:
            self._lines.follow(self.spec.name, self._process.stdout)
        self._started = self._clock()
        self.state = "running"

    def tick(self) -> bool:
        """Notice a death, start again when it is time; True when the state has changed."""
        if self._leaving is not None and self._leave_by is None:
            return self._await_readiness(self._leaving)
        if self.state == "recycling":
            return self._await_end()
        # Also while the predecessor leaves: it accepts nothing, so nobody else would.
        if self.state == "running" and (code := self._own_exit_code()) is not None:
            self._after_end(code)
            return True
        if self.state == "waiting" and self._clock() >= self._next_start:
            self.restarts += 1
            self.start()
            return True
        return self._leaving is not None and self._see_off(self._leaving)

    @property
    def is_recycling(self) -> bool:
        """Whether the process makes way for a successor."""
        return self._leaving is not None or self.state == "recycling"

    def age_seconds(self) -> float:
        """How long the present process has run."""
        return self._clock() - self._started

    def recycle(self) -> None:
        """Replace the process in good order.

        With `overlaps` the successor comes first, and the old process is told to leave once the
        other is ready; if it does not get ready, everything stays as it was. Else the process
        is told to leave, and its successor starts when it has.
        """
        if self.spec.overlaps:
            self._leaving, self._leave_by = self._process, None
            self.start()
        else:
            self.state = "recycling"
            self._tell_to_leave(self._process)

    def exit_code(self) -> int | None:
        """None while the process, or the one that makes way for it, runs or before it started."""
        if self._leaving is not None and self._leaving.poll() is None:
            return None
        return self._own_exit_code()

    def terminate(self) -> None:
        """Ask it to stop; from now on it is not restarted."""
        self.state = "stopped"
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and everything it started."""
        self._signal(signal.SIGKILL)
        for process in (self._process, self._leaving):
            if process is not None:
                process.wait()

    def describe(self) -> ChildState:
        """For the state file."""
        pid = self._process.pid if self._process and self.state == "running" else None
        return ChildState(name=self.spec.name, pid=pid, state=self.state, restarts=self.restarts)

    def _own_exit_code(self) -> int | None:
        return None if self._process is None else self._process.poll()

    def _after_end(self, code: int) -> None:
        name = self.spec.name
        if self.spec.once:
            self.state = "done"
            return
        delay = self._policy.delay_after_end(started=self._started, ended=self._clock(), code=code)
        if delay is None:
            self.state = FAILED
            self._report(
                f"{name} died five times within 60 s (last exit code {code}) and stays down. "
                "Its last lines above say why; restart with `manage.py up` once that is mended."
            )
            return
        self.state = "waiting"
        self._next_start = self._clock() + delay
        self._report(f"{name} ended with exit code {code}; starting it again in {delay:g} s")

    def _see_off(self, leaving: subprocess.Popen[bytes]) -> bool:
        """One look at a process that was told to leave."""
        self._kill_when_late(leaving)
        if leaving.poll() is None:
            return False
        self._leaving = None
        return True

    def _await_readiness(self, leaving: subprocess.Popen[bytes]) -> bool:
        """One look at a successor that is not ready yet."""
        successor = self._process
        if self._ready.is_given():
            self._tell_to_leave(leaving)
            return True
        if successor is None or successor.poll() is not None or self.age_seconds() > READY_SECONDS:
            self._report(f"the successor of {self.spec.name} does not get ready; nothing changes")
            _send(successor, signal.SIGKILL)
            self._process, self._leaving = leaving, None
            return True
        return False

    def _await_end(self) -> bool:
        """One look at a process whose successor starts after it."""
        if self._process is not None:
            self._kill_when_late(self._process)
        if self.exit_code() is None:
            return False
        self.start()
        return True

    def _tell_to_leave(self, process: subprocess.Popen[bytes] | None) -> None:
        self._leave_by = self._clock() + self.spec.leave_seconds
        _send(process, signal.SIGTERM)

    def _kill_when_late(self, process: subprocess.Popen[bytes]) -> None:
        if self._leave_by is not None and self._clock() >= self._leave_by:
            self._report(f"the old {self.spec.name} did not leave in time; killing it")
            _send(process, signal.SIGKILL)
            process.wait()

    def _signal(self, number: signal.Signals) -> None:
        for process in (self._process, self._leaving):
            _send(process, number)


def _send(process: subprocess.Popen[bytes] | None, number: signal.Signals) -> None:
    """Signal a process and everything it started; one that has ended gets nothing."""
    if process is not None and process.poll() is None:
        os.killpg(process.pid, number)
