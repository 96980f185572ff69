"""Run as a script: tie this process to its parent, set its priority, become the command.

`python -I -S launch.py PARENT_PID NICE COMMAND...`. A separate exec and not Popen's preexec_fn:
the supervisor has threads, and Python code between fork and exec may deadlock there.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, nice: int, command: list[str]) -> None:
    """Never returns: the process becomes `command`, or ends because the parent is gone."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        sys.exit("the supervisor died before its child started")
    os.nice(nice)
    os.execvp(command[0], command)  # noqa: S606  (that is the purpose; no shell is involved)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
