"""A stopping worker: it claims nothing more, lets steps run for a while, then gives jobs back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings


class Drain:
    """Begun by SIGTERM; a second one makes it due at once. Safe to call in a signal handler."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun = threading.Event()
        self._due_at = float("inf")

    def begin(self, *, grace: timedelta | None = None) -> None:
        """Stop claiming; after `grace` (default settings.DRAIN_TIMEOUT) give jobs back."""
        if self._begun.is_set():
            self._due_at = self._clock()
            return
        timeout = settings.DRAIN_TIMEOUT if grace is None else grace
        self._due_at = self._clock() + timeout.total_seconds()
        self._begun.set()

    @property
    def has_begun(self) -> bool:
        """Whether the worker takes no new job."""
        return self._begun.is_set()

    def wait_for_begin(self) -> None:
        """Return when the worker takes no new job."""
        self._begun.wait()

    @property
    def seconds_overdue(self) -> float:
        """For how long running jobs should have been given back; negative before."""
        return self._clock() - self._due_at

    @property
    def is_due(self) -> bool:
        """Whether a running job is to be given back at its next checkpoint."""
        return self._clock() >= self._due_at


worker_drain = Drain()
