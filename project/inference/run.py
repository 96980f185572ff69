"""The run context: one job's view of models, device and checkpoints."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from project.inference.device_lease import DeviceLease, Rank, Ticket
from project.inference.lease_watch import LOAD_SECONDS
from project.inference.micro_batcher import MicroBatcher
from project.inference.model_host import HostedModel, ModelHost
from project.inference.oom import Ladder, Size
from project.inference.previews import Make, Previews, PreviewSink

LOADING_STAGE = "loading_model"
# Of one run in a queue: enough for full batches, too few to fill it.
AT_ONCE = 32


class Checkpoint(Protocol):
    """Given by whoever runs the job: reports, and raises Cancelled, DeadlineExceeded, Draining
    or LeaseLost when that is due."""

    def __call__(
        self, stage: str, done: int, total: int, partial: Mapping[str, Any] | None = None
    ) -> None: ...


class Run:
    """Implements `RunContext` on a host and a lease; used by one thread."""

    def __init__(
        self,
        *,
        host: ModelHost,
        lease: DeviceLease,
        batcher: MicroBatcher,
        checkpoint: Checkpoint,
        rank: Rank,
        scratch_dir: Path,
        previews: PreviewSink | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.scratch_dir = scratch_dir
        self._host = host
        self._lease = lease
        # One place for all its stages: the picture that came first is finished first.
        self._arrival = lease.arrive()
        self._batcher = batcher
        self._checkpoint = checkpoint
        self._rank = rank
        self._ticket: Ticket | None = None
        self._spent = 0.0
        self._pinned = 0
        self._last: tuple[str, int, int] = (LOADING_STAGE, 0, 1)
        self._partial: Mapping[str, Any] = {}
        self._previews = Previews(previews, clock=clock)

    @property
    def device_seconds(self) -> float:
        """Device time of this run so far."""
        return self._spent + (self._ticket.seconds if self._ticket else 0.0)

    @contextmanager
    def model(self, name: str) -> Iterator[HostedModel]:
        """Pin a model; while it loads, the stage is `loading_model` and the counts stay.

        Take models before the device: a load needs the device for itself.
        """
        if self._ticket:
            raise RuntimeError(f"take model {name} before the device, not while holding it")
        before = self._last
        loading = not self._host.is_loaded(name)
        if loading:
            self.step(LOADING_STAGE, *before[1:])
        # With other models pinned, waiting for room could wait for a run that waits for ours.
        waiting = None if self._pinned else self.check
        with self._host.use(name, exclusive=self._hold_for_load, waiting=waiting) as model:
            if loading:
                self.step(*before)
            self._pinned += 1
            try:
                yield model
            finally:
                self._pinned -= 1

    @contextmanager
    def device(self) -> Iterator[None]:
        """Hold the device; not re-entrant."""
        if self._ticket:
            raise RuntimeError("this run holds the device already")
        with self._hold():
            yield

    def batch(self, name: str, payload: Any, *, source: str | None = None) -> Any:
        """One payload through a batch that it shares with other runs; charged its part of it."""
        with self.model(name) as model:
            request = self._batcher.submit(
                model=model, payload=payload, rank=self._rank, source=source
            )
            try:
                return request.result(waiting=self.check)
            finally:
                self._spent += request.device_seconds

    def batch_all(
        self,
        name: str,
        payloads: Sequence[Any],
        *,
        finished: Callable[[int], None] = lambda count: None,
    ) -> list[Any]:
        """Payloads of this run through batches that it shares with other runs."""
        results: list[Any] = []
        with self.model(name) as model:
            for start in range(0, len(payloads), AT_ONCE):
                requests = self._batcher.submit_all(
                    model=model, payloads=payloads[start : start + AT_ONCE], rank=self._rank
                )
                try:
                    for request in requests:
                        results.append(request.result(waiting=self.check))
                        finished(len(results))
                finally:
                    for request in requests:
                        request.give_up()
                        self._spent += request.device_seconds
        return results

    def step(
        self, stage: str, done: int, total: int, *, partial: Mapping[str, Any] | None = None
    ) -> None:
        """One checkpoint: report, raise if the run must end, then give way if it holds the device."""
        # What was offered during a stage is shown at its end: the next may take long.
        has_new = self._previews.flush(at_once=stage != self._last[0])
        self._last = (stage, done, total)
        if partial is not None:
            self._partial = partial
        is_news = has_new or partial is not None
        self._checkpoint(stage, done, total, self._shown() if is_news else None)
        if self._ticket:
            self._lease.give_way(self._ticket, waiting=self.check)

    def check(self) -> None:
        """The last step again, keeping the device: a cancel or a deadline acts inside a unit."""
        self._checkpoint(*self._last, self._shown() if self._previews.flush() else None)
        if self._ticket:
            self._lease.watch.moved(self._ticket)

    def preview(self, make: Make) -> None:
        """Offer a small picture of the unfinished result; nothing is made without a sink."""
        self._previews.offer(make)

    def _shown(self) -> Mapping[str, Any]:
        """The newest partial result, with the newest preview if there is one."""
        version = self._previews.version
        return self._partial if version is None else {**self._partial, "preview": version}

    def ladder(self, key: Hashable, wanted: Size, *, lower: tuple[str, ...] = ()) -> Ladder:
        """Sizes to try when memory runs out; what fitted is remembered for `key`."""
        return Ladder(
            memory=self._host.sizes,
            key=key,
            wanted=wanted,
            lower=lower,
            evict=self._host.evict_unpinned,
        )

    @contextmanager
    def _hold_for_load(self) -> Iterator[None]:
        with self._hold():
            if self._ticket:
                self._lease.watch.be_patient(self._ticket, LOAD_SECONDS)
            yield

    @contextmanager
    def _hold(self) -> Iterator[None]:
        ticket = None
        try:
            with self._lease.hold(self._rank, waiting=self.check, arrival=self._arrival) as ticket:
                self._ticket = ticket
                yield
        finally:
            self._ticket = None
            self._spent += ticket.seconds if ticket else 0.0


def print_steps(stream: TextIO | None = None) -> Checkpoint:
    """A checkpoint that writes one line per step, for command lines."""
    target = stream or sys.stderr

    last = ""

    def write(stage: str, done: int, total: int, partial: Mapping[str, Any] | None = None) -> None:
        nonlocal last
        del partial
        line = f"{stage} {done}/{total}\n"
        if line != last:
            target.write(line)
        last = line

    return write


class LocalRun(Run):
    """A run without a job, for the command line: a context manager with its own scratch folder.

    `checkpoint` is called at every step and may raise Cancelled; by default steps are printed.
    """

    def __init__(
        self,
        *,
        host: ModelHost | None = None,
        lease: DeviceLease | None = None,
        batcher: MicroBatcher | None = None,
        checkpoint: Checkpoint | None = None,
        rank: Rank | None = None,
    ) -> None:
        if host is None or lease is None:
            from project.inference.runtime import worker_runtime

            runtime = worker_runtime()
            host, lease = host or runtime.host, lease or runtime.lease
            batcher = batcher or runtime.batcher
        self._folder = tempfile.TemporaryDirectory(prefix="omnilens-")
        super().__init__(
            host=host,
            lease=lease,
            batcher=batcher or MicroBatcher.beside(lease, host),
            checkpoint=checkpoint or print_steps(),
            rank=rank or Rank(),
            scratch_dir=Path(self._folder.name),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folder.cleanup()
