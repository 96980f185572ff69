"""`manage.py up --daemon`: the stack in a session of its own, its lines in a private log file.

The starting command stays until the stack is ready: what the stack says of itself until then, and
the sign-in that is shown once, travel to it through a pipe and are never written to the log.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TextIO

from project.log_file import MAX_LOG_BYTES, open_private, rotate
from project.supervisor import state
from project.supervisor.output import LineWriter

READY_SECONDS = 300.0
POLL_SECONDS = 0.2
OWN_NAME = "up"  # the name under which the supervisor itself speaks


def log_path(var: Path) -> Path:
    """The log of a stack in the background."""
    return var / "log" / "up.log"


class NotReady(Exception):
    """The stack ended, gave a process up, or is not ready in time; the text says which."""


class RotatingStream:
    """A text stream into a private file that is renamed once it holds `max_bytes`.

    Only the supervisor writes to it, so it may rotate by itself.
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_LOG_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._file = open_private(path)
        self._taken: tuple[int, ...] = ()

    def write(self, text: str) -> int:
        """Append whole lines."""
        if rotate(self._path, max_bytes=self._max_bytes):
            self._file.close()
            self._file = open_private(self._path)
            self.take_over(*self._taken)
        return self._file.write(text)

    def flush(self) -> None:
        """Hand everything to the system."""
        self._file.flush()

    def take_over(self, *descriptors: int) -> None:
        """Point standard output and errors to the file: a last traceback belongs there."""
        self._taken = descriptors
        for descriptor in descriptors:
            os.dup2(self._file.fileno(), descriptor)


class DaemonLines(LineWriter):
    """Lines for the log; until `detach` the supervisor's own are shown as well, or all of them."""

    def __init__(
        self, log: RotatingStream, terminal: TextIO, *, as_json: bool, show_all: bool
    ) -> None:
        super().__init__(log, as_json=as_json, colour=False)
        self._log = log
        self._terminal: TextIO | None = terminal
        self._show_all = show_all
        self._terminal_lock = threading.Lock()

    def write(self, name: str, line: str) -> None:
        """One line of the process `name`."""
        super().write(name, line)
        if self._show_all or name == OWN_NAME:
            self.show(f"{name}: {line}")

    def show(self, line: str) -> None:
        """A line for the person who starts the stack alone; nothing once nobody listens."""
        with self._terminal_lock:
            if self._terminal is None:
                return
            try:
                self._terminal.write(line + "\n")
                self._terminal.flush()
            except BrokenPipeError:
                self._terminal = None

    def detach(self) -> None:
        """Let the starting command end: it waits for the end of our standard output."""
        with self._terminal_lock:
            self._terminal = None
        self._log.take_over(1, 2)


def start(argv: Sequence[str], *, folder: Path) -> subprocess.Popen[bytes]:
    """Run `manage.py` with `argv` in a session of its own, deaf to this terminal."""
    return subprocess.Popen(
        [sys.executable, str(folder / "manage.py"), *argv],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def await_ready(
    process: subprocess.Popen[bytes],
    *,
    var: Path,
    say: Callable[[str], object],
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    seconds: float = READY_SECONDS,
) -> str:
    """Pass the stack's words on until it is ready; its address. Raises NotReady."""
    copier = threading.Thread(target=_copy, args=(process.stdout, say), daemon=True)
    copier.start()
    give_up = clock() + seconds
    while True:
        stack = state.read(var)
        is_ours = stack is not None and stack.pid == process.pid
        if stack is not None and is_ours and stack.ready and not copier.is_alive():
            return stack.url
        if process.poll() is not None:
            copier.join()
            raise NotReady("It did not start.")
        failed = state.failed_children(var) if is_ours else []
        if failed:
            raise NotReady(f"{', '.join(failed)} does not start.")
        if clock() >= give_up:
            raise NotReady(f"It is not ready after {seconds:.0f} s and goes on starting.")
        sleep(POLL_SECONDS)


def _copy(pipe: IO[bytes] | None, say: Callable[[str], object]) -> None:
    if pipe is None:
        raise RuntimeError("the process was started without a pipe")
    with pipe:
        for line in pipe:
            say(line.decode("utf-8", "replace").rstrip("\n"))
