"""Runs one batch on the held device until each request has a result or an error of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from project.inference.batch_cost import BatchCost
from project.inference.batch_request import BatchRequest
from project.inference.device_failure import is_device_failure
from project.inference.errors import Cancelled
from project.inference.oom import Ladder, Size, SizeMemory, free_cached_memory
from project.inference.registry import Batching

logger = logging.getLogger(__name__)


def size_key(model: str, device: str, bucket: object) -> tuple[str, str, object]:
    """Under which the batch size that fits is remembered."""
    return (model, device, bucket)


class BatchRun:
    """Memory that runs out halves the batch. Any other error makes the requests run one by one,
    once, so that it reaches only the one it belongs to."""

    def __init__(
        self,
        requests: Sequence[BatchRequest],
        *,
        batching: Batching,
        cost: BatchCost,
        sizes: SizeMemory,
        evict: Callable[[], int],
        synchronize: Callable[[], None],
        between: Callable[[], None],
        free: Callable[[], None] = free_cached_memory,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`between` is called between two calls of the network and may give the device away."""
        self._requests = requests
        self._batching = batching
        self._cost = cost
        self._sizes = sizes
        self._evict = evict
        self._synchronize = synchronize
        self._between = between
        self._free = free
        self._clock = clock
        self._has_called = False

    def run(self) -> None:
        """Returns when each request has an outcome; raises nothing that belongs to a request."""
        if self._run_together(self._requests):
            return
        # Outside the handler, so that the failed attempt's tensors are free.
        for request in _without_outcome(self._requests):
            self._run_together([request])

    def _run_together(self, requests: Sequence[BatchRequest]) -> bool:
        """Whether each of them has an outcome now: one alone always has."""
        try:
            self._climb_down(requests)
        except Exception as error:  # noqa: BLE001  (its owner raises it again)
            if len(requests) > 1 and not is_device_failure(error):
                model = requests[0].model.name
                logger.warning("a batch of %d for %s failed: %s", len(requests), model, error)
                return False
            # Alone, or on a device that answers nobody any more.
            for request in _without_outcome(requests):
                request.fail(error)
        return True

    def _climb_down(self, requests: Sequence[BatchRequest]) -> None:
        """The ladder of oom.py; what had a result before memory ran out keeps it."""
        model, bucket = requests[0].model, requests[0].bucket
        ladder = Ladder(
            memory=self._sizes,
            key=size_key(model.name, model.device, bucket),
            wanted=self._wanted(requests),
            evict=self._evict,
            free=self._free,
        )
        for attempt in ladder:
            with attempt:
                while waiting := _without_outcome(requests):
                    self._call(waiting[: attempt.size.batch])

    def _wanted(self, requests: Sequence[BatchRequest]) -> Size:
        """A batch as large as memory allows tells about the full size, a smaller one does not."""
        model, bucket = requests[0].model, requests[0].bucket
        full = Size(batch=self._batching.largest_on(model.device))
        allowed = self._sizes.start(size_key(model.name, model.device, bucket), full)
        return full if len(requests) >= allowed.batch else Size(batch=len(requests))

    def _call(self, requests: Sequence[BatchRequest]) -> None:
        """One call of the network: what a higher lane may have to wait for."""
        if self._has_called:
            self._between()
        self._has_called = True
        began = self._clock()
        function = self._batching.load_run()
        results: Sequence[Any] = function(
            requests[0].model, [request.payload for request in requests]
        )
        self._synchronize()
        seconds = self._clock() - began
        if len(results) != len(requests):
            raise RuntimeError(
                f"{self._batching.run} gave {len(results)} results for {len(requests)} payloads"
            )
        self._cost.add(len(requests), seconds)
        for request, result in zip(requests, results, strict=True):
            request.succeed(result)


def _without_outcome(requests: Sequence[BatchRequest]) -> list[BatchRequest]:
    """What still has to run; a request that was given up meanwhile does not."""
    for request in requests:
        if request.is_abandoned and not request.has_outcome:
            request.fail(Cancelled())
    return [request for request in requests if not request.has_outcome]
