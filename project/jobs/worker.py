"""The identity of this worker process."""

from __future__ import annotations

import os
import socket
from functools import cache


@cache
def worker_name() -> str:
    """Host and process: unique among living workers, so a successor shares nothing with the
    rows that its predecessor held."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}"
