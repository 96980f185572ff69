"""When a dead child starts again, and when it does not."""

from __future__ import annotations

from collections import deque

FIRST_DELAY_SECONDS = 0.25
LONGEST_DELAY_SECONDS = 10.0
WINDOW_SECONDS = 60.0
DEATHS_TO_GIVE_UP = 5
# A clean end after this long was wanted (an operator's drain); before it something is wrong.
SHORT_LIFE_SECONDS = 3.0


class RestartPolicy:
    """Delays double from 0.25 s to 10 s; five deaths within 60 s end the attempts.

    A child that ran for a whole window starts again at the first delay. One that ended with exit
    code 0 starts at once and has not died, unless it had hardly begun.
    """

    def __init__(self) -> None:
        self._deaths: deque[float] = deque(maxlen=DEATHS_TO_GIVE_UP)
        self._in_a_row = 0

    def delay_after_end(self, *, started: float, ended: float, code: int) -> float | None:
        """As `delay_after_death`, for a process that ended with this exit code."""
        if code == 0 and ended - started >= SHORT_LIFE_SECONDS:
            return 0.0
        return self.delay_after_death(started=started, died=ended)

    def delay_after_death(self, *, started: float, died: float) -> float | None:
        """Seconds to wait before the next start, or None to give up. Times are monotonic."""
        if died - started >= WINDOW_SECONDS:
            self._in_a_row = 0
        self._deaths.append(died)
        full = len(self._deaths) == DEATHS_TO_GIVE_UP
        if full and died - self._deaths[0] <= WINDOW_SECONDS:
            return None
        delay = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2.0**self._in_a_row)
        self._in_a_row += 1
        return delay
