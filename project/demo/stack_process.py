"""The stack that the demo runs against: the one that runs already, or one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from project.demo.client import DemoFailed
from project.supervisor import child, state

READY_SECONDS = 180.0
STOP_SECONDS = 60.0
POLL_SECONDS = 0.2


@contextmanager
def running_stack(
    var: Path,
    *,
    manage: Path,
    start: bool,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> Iterator[str]:
    """The URL of a ready stack; one that was started here is stopped at the end.

    Raises DemoFailed when none becomes ready, or when none runs and `start` is False.
    """
    if state.read(var) is not None:
        yield _wait_until_ready(var, None, clock, sleep)
        return
    if not start:
        raise DemoFailed("Omnilens does not run here; start it with `manage.py up`.")
    process = subprocess.Popen(
        [
            *(sys.executable, "-I", "-S", str(child.LAUNCHER), str(os.getpid()), "0"),
            *(sys.executable, str(manage), "up"),
        ],
        start_new_session=True,  # Ctrl-C comes to us; we stop the stack in its own order
    )
    try:
        yield _wait_until_ready(var, process, clock, sleep)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()  # its children die with it
            process.wait()


def _wait_until_ready(
    var: Path,
    process: subprocess.Popen[bytes] | None,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> str:
    give_up = clock() + READY_SECONDS
    while clock() < give_up:
        stack = state.read(var)
        if stack is not None and stack.ready:
            return stack.url
        failed = state.failed_children(var)
        if failed:
            raise DemoFailed(f"{', '.join(failed)} does not start; its lines above say why.")
        if process is not None and process.poll() is not None:
            raise DemoFailed("the stack did not start; its lines above say why.")
        sleep(POLL_SECONDS)
    raise DemoFailed(f"the stack is not ready after {READY_SECONDS:.0f} s; see `manage.py status`.")
