"""The requests that wait in one lane, and which of them run together next. Knows no threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field

from project.inference.batch_cost import BatchCost
from project.inference.batch_request import BatchRequest
from project.inference.registry import Batching

# Company is likely when the last request came within this many waits.
LIVELY_WAITS = 4
MAX_IDLE_QUEUES = 256

Key = tuple[str, Hashable]


@dataclass(eq=False)
class BatchQueue:
    """The requests of one model and shape bucket, in order of arrival."""

    batching: Batching
    cost: BatchCost
    max_wait_seconds: float
    requests: list[BatchRequest] = field(default_factory=list)
    last_arrival: float | None = None
    is_lively: bool = False

    def put(self, request: BatchRequest) -> None:
        """Add one; a second request within a few waits makes the queue lively."""
        now, last = request.arrived_at, self.last_arrival
        self.is_lively = last is not None and now - last <= LIVELY_WAITS * self.max_wait_seconds
        self.last_arrival = now
        self.requests.append(request)

    def ready_at(self, size: int) -> float:
        """When the oldest has waited enough; it may be in the past.

        Nobody waits in a quiet queue. In a lively one waiting ends early when the next request
        is so late that its wait costs the present ones more than the fixed cost of a batch.
        """
        oldest = self.requests[0].arrived_at
        if len(self.requests) >= size or not self.is_lively:
            return oldest
        latest = oldest + self.max_wait_seconds
        fit = self.cost.fit  # read once: the holder of the device may change it meanwhile
        if fit is None or self.last_arrival is None:
            return latest
        fixed, _ = fit
        return min(latest, self.last_arrival + fixed / len(self.requests))


class LaneQueues:
    """All queues of one lane; the caller holds the lock."""

    def __init__(
        self,
        *,
        lane: str,
        used: Callable[[str], float],
        size_of: Callable[[BatchQueue, Key], int],
        cost_of: Callable[[Key], BatchCost],
    ) -> None:
        """`used` gives the device-seconds of a user, `size_of` how many may run at once."""
        self._lane = lane
        self._used = used
        self._size_of = size_of
        self._cost_of = cost_of
        self._queues: dict[Key, BatchQueue] = {}

    def __len__(self) -> int:
        return sum(len(queue.requests) for queue in self._queues.values())

    def __iter__(self) -> Iterator[BatchRequest]:
        for queue in self._queues.values():
            yield from queue.requests

    def put(self, request: BatchRequest, batching: Batching) -> None:
        """Add one request to the queue of its model and bucket."""
        key = (request.model.name, request.bucket)
        if key not in self._queues:
            self._forget_idle()
            # The batch lane is in no hurry, but it is always full or empty: waiting gains nothing.
            wait = 0.0 if self._lane == "batch" else batching.max_wait_seconds
            self._queues[key] = BatchQueue(batching, self._cost_of(key), wait)
        self._queues[key].put(request)

    def remove(self, request: BatchRequest) -> bool:
        """Take one request out; False when it is not here (any more)."""
        queue = self._queues.get((request.model.name, request.bucket))
        if queue is None or request not in queue.requests:
            return False
        queue.requests.remove(request)
        return True

    def older_of(self, model: str, source: str) -> list[BatchRequest]:
        """What a new frame of this source replaces."""
        return [held for held in self if held.model.name == model and held.source == source]

    def remove_expired(self, now: float) -> list[BatchRequest]:
        """Take out what nobody needs any more."""
        expired = [request for request in self if request.has_expired(now)]
        for request in expired:
            self.remove(request)
        return expired

    def ready_at(self) -> float | None:
        """When the first queue has waited enough; None without any request."""
        times = [
            queue.ready_at(self._size_of(queue, key))
            for key, queue in self._queues.items()
            if queue.requests
        ]
        return min(times, default=None)

    def take(self) -> list[BatchRequest]:
        """Take out the batch that runs next: the queue of the request with the best rank, and
        from it the best ones."""
        fairest = {key: self._fairest_first(queue) for key, queue in self._queues.items()}
        waiting = {key: order for key, order in fairest.items() if order}
        if not waiting:
            return []
        key = min(waiting, key=lambda key: waiting[key][0][0])
        queue = self._queues[key]
        taken = [request for _, request in waiting[key][: self._size_of(queue, key)]]
        chosen = set(taken)
        queue.requests = [request for request in queue.requests if request not in chosen]
        return taken

    def _fairest_first(
        self, queue: BatchQueue
    ) -> list[tuple[tuple[float, int, int], BatchRequest]]:
        """By device-seconds of the user, each request ahead of it counted as if it had run."""
        each = queue.cost.seconds_per_item
        used: dict[str, float] = {}
        ahead: Counter[str] = Counter()
        ranked = []
        for request in queue.requests:
            user = request.rank.user
            if user not in used:
                used[user] = self._used(user)
            place = ahead[user]
            ahead[user] += 1
            ranked.append(((used[user] + place * each, place, request.arrival), request))
        return sorted(ranked, key=lambda entry: entry[0])

    def _forget_idle(self) -> None:
        """Payloads of ever new shapes must not fill the memory."""
        if len(self._queues) < MAX_IDLE_QUEUES:
            return
        for key in [key for key, queue in self._queues.items() if not queue.requests]:
            del self._queues[key]
