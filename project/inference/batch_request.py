"""One payload on its way through a batch, and the handle of whoever waits for its result."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from project.inference.device_lease import Rank, Shares
from project.inference.errors import Cancelled, DeadlineExceeded
from project.inference.model_host import HostedModel

POLL_SECONDS = 0.2


class BatchRequest:
    """Waits in a queue, then runs, then has a result or an error of its own.

    The model must stay pinned until then. `device_seconds` is its share of the batch.
    """

    def __init__(
        self,
        *,
        model: HostedModel,
        payload: Any,
        bucket: Hashable,
        rank: Rank,
        arrival: int,
        arrived_at: float,
        clock: Callable[[], float],
        leave: Callable[[BatchRequest], bool],
        source: str | None = None,
        expires_at: float | None = None,
    ) -> None:
        """`leave` takes a request out of its queue and says whether it was still there."""
        self.model = model
        self.payload = payload
        self.bucket = bucket
        self.rank = rank
        self.arrival = arrival
        self.arrived_at = arrived_at
        self.source = source
        self.expires_at = expires_at
        self.device_seconds = 0.0
        self.is_abandoned = False
        self._clock = clock
        self._leave = leave
        self._outcome: Any = None
        self._failure: BaseException | None = None
        self._has_outcome = False
        self._delivered = threading.Event()

    def result(self, *, waiting: Callable[[], None] | None = None) -> Any:
        """Wait for the result, or raise the error that belongs to this request.

        `waiting` is called five times a second and may raise to give up. Raises Superseded when
        a newer frame of the source took its place and DeadlineExceeded when it expired. A request
        that is given up while its batch runs waits for the end of that batch: the model is in use.
        """
        try:
            while not self._delivered.wait(self._patience(waiting)):
                if self.has_expired(self._clock()) and self._leave(self):
                    self.fail(DeadlineExceeded())
                    self.deliver()
                    raise DeadlineExceeded(f"waited too long for {self.model.name}")
                if waiting:
                    waiting()
        except BaseException:
            if not self.cancel():
                self._delivered.wait()
            raise
        if self._failure is not None:
            raise self._failure
        return self._outcome

    def cancel(self) -> bool:
        """Leave the queue; False when the request is in a batch already or has ended."""
        if self._leave(self):
            self.fail(Cancelled())
            self.deliver()
            return True
        self.is_abandoned = True
        return False

    def give_up(self) -> None:
        """Give it up and return when the model is no longer in use for it; nothing once it ended."""
        if not self._delivered.is_set() and not self.cancel():
            self._delivered.wait()

    @property
    def has_outcome(self) -> bool:
        """Whether it ran or failed; its owner hears of it through `deliver`."""
        return self._has_outcome

    def has_expired(self, now: float) -> bool:
        """Whether running it would be of no use any more."""
        return self.expires_at is not None and now >= self.expires_at

    def succeed(self, result: Any) -> None:
        """Called by the batch."""
        self._outcome, self._has_outcome = result, True

    def fail(self, error: BaseException) -> None:
        """Called by the batch or by the queue."""
        self._failure, self._has_outcome = error, True

    def deliver(self) -> None:
        """Wake the owner; the payload is no longer needed."""
        self.payload = None
        self._delivered.set()

    def _patience(self, waiting: Callable[[], None] | None) -> float | None:
        """Seconds until there is something to look at: None waits for the result alone."""
        if self.expires_at is None:
            return POLL_SECONDS if waiting else None
        left = self.expires_at - self._clock()
        return min(left, POLL_SECONDS) if left > 0 else POLL_SECONDS


def shares_of(requests: Iterable[BatchRequest]) -> Shares:
    """Users and their parts of a batch: each request counts the same."""
    counts = Counter(request.rank.user for request in requests)
    return {user: count / counts.total() for user, count in counts.items()}
