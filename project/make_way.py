"""How the application ends its own server process when that can no longer serve well.

It loads nothing of the product: project/web_server.py reads it too.
"""

from __future__ import annotations

import os
import signal

# Nobody accepts until the supervisor has seen this end: with one web process the site is away.
SECONDS_FOR_OTHERS = 10.0

_seconds_for_others: float | None = None


def make_way(seconds_for_others: float = SECONDS_FOR_OTHERS) -> None:
    """Send this process SIGTERM; what it serves meanwhile has so long to come to an end."""
    global _seconds_for_others
    _seconds_for_others = seconds_for_others
    os.kill(os.getpid(), signal.SIGTERM)


def asked_seconds() -> float | None:
    """What `make_way` was given, or None while it was not called."""
    return _seconds_for_others
