"""Collects requests of many runs for one model into batches.

Requests queue by model, shape bucket and lane. Each lane has one thread, which waits for the
device in the line of that lane: the lease decides between the lanes, the lane decides who is in
the batch once it has the device. A lane's thread ends when nothing came for a while; the next
request starts another, also after one that broke down.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from project.inference.batch_cost import BatchCost
from project.inference.batch_queue import BatchQueue, Key, LaneQueues
from project.inference.batch_request import BatchRequest, shares_of
from project.inference.batch_run import BatchRun, size_key
from project.inference.device_lease import LANES, DeviceLease, Rank, Shares
from project.inference.errors import DeadlineExceeded, InferenceError, QueueFull, Superseded
from project.inference.model_host import HostedModel, ModelHost
from project.inference.oom import Size, SizeMemory, free_cached_memory
from project.inference.registry import Batching

logger = logging.getLogger(__name__)

IDLE_SECONDS = 10.0
MAX_COSTS = 512


@dataclass(eq=False)
class _Lane:
    """`users` is replaced, never changed: the lease reads it without our lock."""

    name: str
    queues: LaneQueues
    changed: threading.Condition
    thread: threading.Thread | None = None
    users: Shares | None = None


class MicroBatcher:
    """One per device and process, beside its lease."""

    def __init__(
        self,
        *,
        lease: DeviceLease,
        sizes: SizeMemory | None = None,
        evict: Callable[[], int] = lambda: 0,
        free: Callable[[], None] = free_cached_memory,
        clock: Callable[[], float] = time.monotonic,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """`sizes` remembers the batches that fit; `evict` drops idle models (see oom.py)."""
        self._lease = lease
        self._sizes = sizes or SizeMemory()
        self._evict = evict
        self._free = free
        self._clock = clock
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._arrivals = itertools.count()
        self._costs: dict[Key, BatchCost] = {}
        self._lanes = {
            name: _Lane(
                name,
                LaneQueues(
                    lane=name,
                    used=lease.device_seconds,
                    size_of=self._size_of,
                    cost_of=self._cost_of,
                ),
                threading.Condition(self._lock),
            )
            for name in LANES
        }

    @classmethod
    def beside(cls, lease: DeviceLease, host: ModelHost) -> Self:
        """The batcher of one device: sizes that fit are shared with the runs of its host."""
        return cls(lease=lease, sizes=host.sizes, evict=host.evict_unpinned)

    def submit(
        self,
        *,
        model: HostedModel,
        payload: Any,
        rank: Rank,
        source: str | None = None,
        expires_in: float | None = None,
    ) -> BatchRequest:
        """Queue one payload; the caller keeps the model pinned until the request is done.

        With a `source` (a camera; stream lane only) it replaces the frame of that source that
        still waits. After `expires_in` seconds it is not run any more. Raises QueueFull, and
        InferenceError when the process can start no thread for the lane.
        """
        if source is not None and rank.lane != "stream":
            raise ValueError("only the stream lane drops old frames")
        (request,) = self._submit(
            model=model, payloads=[payload], rank=rank, source=source, expires_in=expires_in
        )
        return request

    def submit_all(
        self, *, model: HostedModel, payloads: Sequence[Any], rank: Rank
    ) -> list[BatchRequest]:
        """Queue payloads at once, so that the first does not run while the others are on their
        way; all or, when the queue has no room for all, none. Otherwise as `submit`."""
        return self._submit(model=model, payloads=payloads, rank=rank)

    def _submit(
        self,
        *,
        model: HostedModel,
        payloads: Sequence[Any],
        rank: Rank,
        source: str | None = None,
        expires_in: float | None = None,
    ) -> list[BatchRequest]:
        batching = _batching_of(model)
        buckets = [batching.bucket_of(payload) for payload in payloads]
        lane = self._lanes[rank.lane]
        with self._lock:
            now = self._clock()
            older = lane.queues.older_of(model.name, source) if source is not None else []
            for request in older:
                lane.queues.remove(request)
            if self._count(model.name) + len(payloads) > batching.queue_limit:
                raise QueueFull(f"{batching.queue_limit} requests wait for {model.name}")
            requests = [
                BatchRequest(
                    model=model,
                    payload=payload,
                    bucket=bucket,
                    rank=rank,
                    arrival=next(self._arrivals),
                    arrived_at=now,
                    clock=self._clock,
                    leave=self._leave,
                    source=source,
                    expires_at=None if expires_in is None else now + expires_in,
                )
                for payload, bucket in zip(payloads, buckets, strict=True)
            ]
            for request in requests:
                lane.queues.put(request, batching)
            try:
                self._update(lane)
            except RuntimeError as error:
                # A lane without a thread has no other request: nobody is left behind.
                for request in requests:
                    lane.queues.remove(request)
                lane.users = None
                raise InferenceError(f"no thread for the {lane.name} lane: {error}") from error
        _end(older, lambda: Superseded(f"a newer frame of {source} came"))
        return requests

    def waiting(self, lane: str) -> int:
        """How many requests wait in a lane."""
        with self._lock:
            return len(self._lanes[lane].queues)

    def _count(self, model: str) -> int:
        return sum(
            request.model.name == model for lane in self._lanes.values() for request in lane.queues
        )

    def _leave(self, request: BatchRequest) -> bool:
        lane = self._lanes[request.rank.lane]
        with self._lock:
            was_waiting = lane.queues.remove(request)
            if was_waiting:
                self._update(lane)
            return was_waiting

    def _update(self, lane: _Lane) -> None:
        """After every change of a lane's queues, under the lock."""
        lane.users = shares_of(lane.queues) if len(lane.queues) else None
        if lane.thread is None and len(lane.queues):
            thread = threading.Thread(
                target=self._serve, args=(lane,), name=f"batches-{lane.name}", daemon=True
            )
            thread.start()  # it may fail; it looks at the lane only once our lock is free
            lane.thread = thread
        lane.changed.notify_all()

    def _size_of(self, queue: BatchQueue, key: Key) -> int:
        """How many may run at once: as configured, or as memory was found to allow."""
        name, bucket = key
        device = queue.requests[0].model.device
        wanted = Size(batch=queue.batching.largest_on(device))
        return self._sizes.start(size_key(name, device, bucket), wanted).batch

    def _cost_of(self, key: Key) -> BatchCost:
        if key not in self._costs:
            if len(self._costs) >= MAX_COSTS:
                del self._costs[next(iter(self._costs))]
            self._costs[key] = BatchCost()
        return self._costs[key]

    def _serve(self, lane: _Lane) -> None:
        try:
            while self._await_batch(lane):
                self._run_batch(lane)
        except Exception:
            logger.exception("the %s lane broke down", lane.name)
        finally:
            self._retire(lane)

    def _retire(self, lane: _Lane) -> None:
        """The thread ends. If it broke down, nobody waits for it and the next request starts anew."""
        with self._lock:
            if lane.thread is not threading.current_thread():
                return  # it ended for want of requests, and another may serve the lane by now
            lane.thread = lane.users = None
            left = list(lane.queues)
            for request in left:
                lane.queues.remove(request)
        _end(left, lambda: InferenceError(f"the {lane.name} lane broke down"))

    def _await_batch(self, lane: _Lane) -> bool:
        """Until a batch should run; False, and the thread ends, when nothing comes."""
        with self._lock:
            while True:
                ready_at = lane.queues.ready_at()
                now = self._clock()
                if ready_at is not None and ready_at <= now:
                    return True
                patience = self._idle_seconds if ready_at is None else ready_at - now
                if not lane.changed.wait(patience) and not len(lane.queues):
                    lane.thread = None
                    return False

    def _run_batch(self, lane: _Lane) -> None:
        """Wait for the device, take the batch that is best by then, run it, tell the owners."""
        batch: list[BatchRequest] = []
        served: Shares = {}

        def shares() -> Shares:
            return served or lane.users or {}

        seconds = 0.0
        try:
            with self._lease.hold(Rank(lane=lane.name), shares=shares) as ticket:
                batch = self._take(lane)
                served = shares_of(batch)
                if batch:
                    self._runner(batch, lambda: self._lease.give_way(ticket)).run()
            seconds = ticket.seconds
        except Exception as error:
            # The device itself failed: nobody may wait for ever.
            logger.exception("a batch of the %s lane failed", lane.name)
            batch = batch or self._take(lane)
            for request in batch:
                if not request.has_outcome:
                    request.fail(error)
        for request in batch:
            request.device_seconds = seconds / len(batch)
            request.deliver()

    def _take(self, lane: _Lane) -> list[BatchRequest]:
        expired: list[BatchRequest] = []
        try:
            with self._lock:
                expired = lane.queues.remove_expired(self._clock())
                batch = lane.queues.take()
                self._update(lane)
        finally:
            _end(expired, lambda: DeadlineExceeded("waited too long for its batch"))
        return batch

    def _runner(self, batch: list[BatchRequest], between: Callable[[], None]) -> BatchRun:
        model, bucket = batch[0].model, batch[0].bucket
        with self._lock:
            cost = self._cost_of((model.name, bucket))
        return BatchRun(
            batch,
            batching=_batching_of(model),
            cost=cost,
            sizes=self._sizes,
            evict=self._evict,
            synchronize=self._lease.synchronize,
            between=between,
            free=self._free,
        )


def _batching_of(model: HostedModel) -> Batching:
    if model.batching is None:
        raise ValueError(f"model {model.name} was registered without `batching`")
    return model.batching


def _end(requests: Iterable[BatchRequest], error: Callable[[], Exception]) -> None:
    for request in requests:
        request.fail(error())
        request.deliver()
