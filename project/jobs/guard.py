"""The last word at the end of a worker: jobs are handed back and the process ends in time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import connections

from project.jobs.drain import Drain
from project.jobs.health import Health

logger = logging.getLogger(__name__)

# Once a drain is due, checkpoints have this long; `manage.py up` kills a second later.
HAND_BACK_AFTER_SECONDS = 1.0
LOOK_SECONDS = 0.1
EXIT_DRAINED = 0
EXIT_BROKEN = 1


class Guard:
    """A daemon thread that sleeps until the drain begins and then sees it through.

    A broken worker is told to stop consuming (`stop_consuming()`). What still runs when the drain
    has been due for a second, for instance a step that never ends, is given back by
    `hand_back()`, and `leave(code)` ends the process: 0 after a drain, 1 when it was broken.
    """

    def __init__(
        self,
        *,
        drain: Drain,
        health: Health,
        stop_consuming: Callable[[], None],
        hand_back: Callable[[], None],
        leave: Callable[[int], None],
    ) -> None:
        self._drain = drain
        self._health = health
        self._stop_consuming = stop_consuming
        self._hand_back = hand_back
        self._leave = leave
        self._released = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="guard", daemon=True)

    @property
    def exit_code(self) -> int:
        """What the process should end with now."""
        return EXIT_DRAINED if self._health.is_sound else EXIT_BROKEN

    def start(self) -> None:
        """Sleep until the drain begins."""
        self._thread.start()

    def release(self) -> None:
        """The process has no job left and ends by itself."""
        self._released.set()

    def look(self) -> bool:
        """End the process if it is time; whether it was."""
        if self._drain.seconds_overdue < HAND_BACK_AFTER_SECONDS:
            return False
        logger.warning("the drain is over; what still runs is handed back")
        try:
            self._hand_back()
        except Exception:
            # The sweeper recovers the jobs when their leases run out. The process ends regardless.
            logger.exception("jobs could not be handed back")
        self._leave(self.exit_code)
        return True

    def _watch(self) -> None:
        self._drain.wait_for_begin()
        if not self._health.is_sound:
            self._stop_consuming()
        try:
            while not self._released.wait(LOOK_SECONDS):
                if self.look():
                    return
        finally:
            connections.close_all()
