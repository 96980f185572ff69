"""The right to run kernels on one device: a priority lock with checkpoints.

The holder works in steps. At each checkpoint (`give_way`) it passes the device on if somebody
ranks higher. The lock is handed over to one chosen waiter, never thrown among all.

Rank: lane, then the device-seconds the user had in the last ten minutes, then arrival. A lower
lane that waits is let through after at most seven steps of others. A holding may serve several
users (a batch): it ranks by the one who had least, and its time is shared among them.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from project.inference.lease_watch import LeaseWatch

LANES = {"interactive": 0, "stream": 1, "batch": 2}
WINDOW_SECONDS = 600.0
BUCKET_SECONDS = 5.0
STEPS_BEFORE_PROMOTION = 7
POLL_SECONDS = 0.2

# Users and their shares of the device time, which add up to one.
Shares = Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Rank:
    """Who asks: lane `interactive`, `stream` or `batch`, the user whose share it counts on, and
    the job, for whoever watches the device: empty when it may be any or several, None when it
    is the worker itself."""

    lane: str = "interactive"
    user: str = ""
    job: str | None = ""

    def __post_init__(self) -> None:
        if self.lane not in LANES:
            raise ValueError(f"unknown lane {self.lane!r}")


@dataclass(eq=False, kw_only=True)
class Ticket:
    """One holding of the device; `seconds` is the device time it took so far."""

    rank: Rank
    shares: Callable[[], Shares]
    arrival: int
    seconds: float = 0.0
    granted: threading.Event = field(default_factory=threading.Event)


class UsageWindow:
    """Device-seconds per user within a sliding window, kept in buckets of a few seconds."""

    def __init__(
        self, *, window_seconds: float = WINDOW_SECONDS, bucket_seconds: float = BUCKET_SECONDS
    ) -> None:
        self._window = window_seconds
        self._bucket = bucket_seconds
        self._users: dict[str, deque[list[float]]] = {}

    def add(self, user: str, seconds: float, now: float) -> None:
        """Charge a user; users without any use left are forgotten now and then."""
        buckets = self._users.setdefault(user, deque())
        if buckets and now - buckets[-1][0] < self._bucket:
            buckets[-1][1] += seconds
            return
        buckets.append([now, seconds])
        for name in list(self._users):
            self.of(name, now)

    def of(self, user: str, now: float) -> float:
        """What the user had within the window, to the length of a bucket."""
        buckets = self._users.get(user)
        if buckets is None:
            return 0.0
        while buckets and buckets[0][0] <= now - self._window:
            buckets.popleft()
        if not buckets:
            del self._users[user]
        return sum(seconds for _, seconds in buckets)

    def __len__(self) -> int:
        return len(self._users)


class DeviceLease:
    """One per device and process."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        synchronize: Callable[[], None] = lambda: None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """`synchronize` returns when the device has finished its queued kernels."""
        self._clock = clock
        self._synchronize = synchronize
        self._poll_seconds = poll_seconds
        self._lock = threading.Lock()
        self._arrivals = itertools.count()
        self._waiting: list[Ticket] = []
        self._holder: Ticket | None = None
        self._step_began = 0.0
        self._usage = UsageWindow()
        self.watch = LeaseWatch(clock)
        self._passed_over = dict.fromkeys(LANES, 0)

    @contextmanager
    def hold(
        self,
        rank: Rank,
        *,
        shares: Callable[[], Shares] | None = None,
        waiting: Callable[[], None] | None = None,
        arrival: int | None = None,
    ) -> Iterator[Ticket]:
        """Wait for the device, hold it, and let it go whatever happens.

        `waiting` is called five times a second before the device is granted and may raise.
        `shares` tells who is served now, instead of the rank's user alone; it is called under
        the lock of this lease, so it must only read. `arrival` is a number of `arrive`: who comes
        back with it goes before equals that came later.
        """
        alone = {rank.user: 1.0}
        number = self.arrive() if arrival is None else arrival
        ticket = Ticket(rank=rank, shares=shares or (lambda: alone), arrival=number)
        with self._lock:
            self._waiting.append(ticket)
            if self._holder is None:
                self._pass_on()
        try:
            self._await(ticket, waiting)
            yield ticket
        finally:
            self._leave(ticket)

    def arrive(self) -> int:
        """A place among equals, which may be kept for several holdings."""
        return next(self._arrivals)

    def give_way(self, ticket: Ticket, *, waiting: Callable[[], None] | None = None) -> None:
        """The checkpoint between two steps of the holder: charge it, let a higher rank go first.

        While nobody waits, kernels that the holder has queued go on; before somebody else gets
        the device it has finished them.
        """
        if not self._moves_on(ticket):
            return
        self._synchronize()
        with self._lock:
            self._charge(ticket)
            ticket.granted.clear()
            self._waiting.append(ticket)
            self._pass_on()
        self._await(ticket, waiting)

    def _moves_on(self, ticket: Ticket) -> bool:
        """Whether somebody waits; if not, the next step of the holder begins."""
        with self._lock:
            if self._holder is not ticket:
                raise RuntimeError("only the holder of the device may give way")
            if self._waiting:
                return True
            self._charge(ticket)
            self._begin_step(ticket)
            return False

    def synchronize(self) -> None:
        """Return when the device has finished its queued kernels."""
        self._synchronize()

    def device_seconds(self, user: str) -> float:
        """The user's device time in the last ten minutes."""
        with self._lock:
            return self._usage.of(user, self._clock())

    @property
    def waiters(self) -> int:
        """How many wait for the device now."""
        with self._lock:
            return len(self._waiting)

    def _await(self, ticket: Ticket, waiting: Callable[[], None] | None) -> None:
        while not ticket.granted.wait(self._poll_seconds if waiting else None):
            if waiting:
                waiting()

    def _leave(self, ticket: Ticket) -> None:
        """End a holding in any state: waiting (gave up), granted or running."""
        try:
            if self._holder is ticket:
                self._synchronize()
        finally:
            with self._lock:
                if ticket in self._waiting:
                    self._waiting.remove(ticket)
                else:
                    self._charge(ticket)
                    self._pass_on()

    def _pass_on(self) -> None:
        """Hand the device to the best waiter, who may be the one that just gave way."""
        self._holder = min(self._waiting, key=self._order, default=None)
        if self._holder is None:
            return
        self._waiting.remove(self._holder)
        self._begin_step(self._holder)
        self._holder.granted.set()

    def _order(self, ticket: Ticket) -> tuple[int, int, float, int]:
        """Smaller goes first; a lane passed over often enough outranks every other."""
        lane = ticket.rank.lane
        passed = self._passed_over[lane]
        promoted = -passed if passed >= STEPS_BEFORE_PROMOTION else 0
        now = self._clock()
        used = min((self._usage.of(user, now) for user in ticket.shares()), default=0.0)
        return (promoted, LANES[lane], used, ticket.arrival)

    def _begin_step(self, ticket: Ticket) -> None:
        self._step_began = self._clock()
        self.watch.began(ticket, job=ticket.rank.job)
        passed = {other.rank.lane for other in self._waiting} - {ticket.rank.lane}
        for lane in LANES:
            self._passed_over[lane] = self._passed_over[lane] + 1 if lane in passed else 0

    def _charge(self, ticket: Ticket) -> None:
        self.watch.ended()
        now = self._clock()
        spent = max(0.0, now - self._step_began)
        ticket.seconds += spent
        for user, share in ticket.shares().items():
            self._usage.add(user, spent * share, now)
