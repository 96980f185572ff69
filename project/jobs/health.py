"""Whether this process can still be trusted with jobs. Once broken it stays so, and it ends."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from project.jobs.drain import Drain, worker_drain

logger = logging.getLogger(__name__)

# The suspect of a breakdown when it could be any of the running jobs.
ANY_JOB = ""


class Health:
    """Broken by a failed device, by a step that never ends, or by deafness.

    `suspect` is the job that may have caused it (its id), ANY_JOB, or None when no job did: the
    attempt of a suspect stays spent, so that a job cannot restart workers for ever.
    """

    def __init__(self, *, drain: Drain) -> None:
        self._drain = drain
        self._lock = threading.Lock()
        self.reason = ""
        self.suspect: str | None = None

    @property
    def is_sound(self) -> bool:
        """Whether nothing broke so far."""
        return not self.reason

    def break_down(self, reason: str, *, suspect: str | None = None) -> bool:
        """Claim nothing more and give jobs back now; whether this was the first reason."""
        with self._lock:
            is_first = self.is_sound
            if is_first:
                self.reason, self.suspect = reason, suspect
        if is_first:
            logger.critical("this worker is broken and ends: %s", reason)
            self._drain.begin(grace=timedelta(0))
        return is_first


worker_health = Health(drain=worker_drain)
