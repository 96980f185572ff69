"""Places where the resilience tests kill the process; nothing happens unless one is armed.

`OMNILENS_FAILPOINT="name[:nth]"` arms one. It is read here and not among the settings on
purpose: no deployment sets it, so `manage.py doctor` reports it as an unknown name.
"""

from __future__ import annotations

import os
import signal
import threading

_lock = threading.Lock()
_reached: dict[str, int] = {}


def reach(name: str) -> None:
    """Kill this process with SIGKILL when `name` is armed and this is its nth passage."""
    armed = os.environ.get("OMNILENS_FAILPOINT")
    if not armed:
        return
    wanted, _, nth = armed.partition(":")
    if wanted != name:
        return
    with _lock:
        _reached[name] = _reached.get(name, 0) + 1
        if _reached[name] == int(nth or 1):
            os.kill(os.getpid(), signal.SIGKILL)
