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
from project.supervisor.restart_policy import RestartPolicy
from project.supervisor.state import FAILED, ChildState

LAUNCHER = Path(__file__).with_name("launch.py")


class Child:
    """running -> (dies) waiting -> running; waiting -> failed; running -> done | stopped."""

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

    def start(self) -> None:
        """Start the process in its own session, tied to this one."""
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid())),
                *(str(self.spec.nice), *self.spec.argv),
            ],
            cwd=self._folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.spec.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=self.spec.inherited_descriptors,
            start_new_session=True,  # Ctrl-C reaches the supervisor only, which keeps the order
        )
        if self._process.stdout is not None:
            self._lines.follow(self.spec.name, self._process.stdout)
        self._started = self._clock()
        self.state = "running"

    def tick(self) -> bool:
        """Notice a death, start again when it is time; True when the state has changed."""
        if self.state == "running" and self.exit_code() is not None:
            self._after_death()
            return True
        if self.state == "waiting" and self._clock() >= self._next_start:
            self.restarts += 1
            self.start()
            return True
        return False

    def exit_code(self) -> int | None:
        """None while the process runs or before it started."""
        return None if self._process is None else self._process.poll()

    def terminate(self) -> None:
        """Ask it to stop; from now on it is not restarted."""
        self.state = "stopped"
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and everything it started."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def describe(self) -> ChildState:
        """For the state file."""
        pid = self._process.pid if self._process and self.state == "running" else None
        return ChildState(name=self.spec.name, pid=pid, state=self.state, restarts=self.restarts)

    def _after_death(self) -> None:
        name, code = self.spec.name, self.exit_code()
        if self.spec.once:
            self.state = "done"
            return
        delay = self._policy.delay_after_death(started=self._started, died=self._clock())
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

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        os.killpg(self._process.pid, number)
