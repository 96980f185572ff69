"""One HTTP exchange whose answer is read as it comes, on the same guarded connection as `call`.

A thread of its own reads; the caller waits in short steps, so that it can be asked to stop while
nothing arrives, and a time limit holds whatever the other side, or a name server, does.
"""

from __future__ import annotations

import http.client
import queue
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from project.outbound.connection import PinnedConnection, code_of, resolve
from project.outbound.errors import Failed, OutboundError
from project.outbound.policy import OutboundPolicy, Resolver, Target

_READ_BYTES = 8192
_LEAVE_SECONDS = 0.2
_END = None


@dataclass(frozen=True, kw_only=True)
class StreamLimits:
    """`first_seconds` ends with the caller's word that something useful has come (`arrived`);
    `seconds` bounds the whole exchange. `check` is asked every `tick_seconds` while waiting."""

    connect_seconds: float = 2.0
    first_seconds: float = 20.0
    seconds: float = 90.0
    answer_bytes: int = 64 * 1024
    tick_seconds: float = 0.25


class Streamed:
    """An answer under way. `status` is known; `pieces` come as they are sent."""

    def __init__(
        self, limits: StreamLimits, check: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        self._arrivals: queue.SimpleQueue[int | bytes | Exception | None] = queue.SimpleQueue()
        self._limits = limits
        self._check = check
        self._clock = clock
        self._begun = clock()
        self._has_arrived = False
        self.status = 0

    def pieces(self) -> Iterator[bytes]:
        """The body. Raises Failed (timeout, connection_failed, answer_invalid,
        answer_too_large) and what `check` raises."""
        while (piece := self._next()) is not _END:
            if isinstance(piece, bytes):
                yield piece

    def arrived(self) -> None:
        """Something useful has come: from now on only the limit of the whole holds."""
        self._has_arrived = True

    def _next(self) -> int | bytes | None:
        while True:
            self._check()
            left = self._deadline() - self._clock()
            if left <= 0:
                raise Failed("timeout")
            try:
                arrival = self._arrivals.get(timeout=min(left, self._limits.tick_seconds))
            except queue.Empty:
                continue
            if isinstance(arrival, Exception):
                raise arrival
            return arrival

    def _deadline(self) -> float:
        limits = self._limits
        seconds = limits.seconds if self._has_arrived else min(limits.first_seconds, limits.seconds)
        return self._begun + seconds


@contextmanager
def stream(
    method: str,
    url: str,
    *,
    policy: OutboundPolicy,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    limits: StreamLimits = StreamLimits(),
    check: Callable[[], None] = lambda: None,
    resolver: Resolver | None = None,
    context: ssl.SSLContext | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Streamed]:
    """Send one request; the answer once its status is known. Redirects are not followed.

    Raises Refused, Failed and what `check` raises. Leaving the block ends the exchange, wherever
    it stands.
    """
    target = policy.check(url)
    streamed = Streamed(limits, check, clock)
    exchange = _Exchange(method, target, headers or {}, body, limits, streamed)
    thread = threading.Thread(
        target=exchange.run, args=(policy, resolver or resolve, context), daemon=True
    )
    thread.start()
    try:
        streamed.status = streamed._next() or 0  # type: ignore[assignment]  # the status is first
        yield streamed
    finally:
        exchange.cut()
        thread.join(_LEAVE_SECONDS)  # a name server may hold it longer: it holds nobody else


class _Exchange:
    """What the reading thread does."""

    def __init__(
        self,
        method: str,
        target: Target,
        headers: Mapping[str, str],
        body: bytes,
        limits: StreamLimits,
        streamed: Streamed,
    ) -> None:
        self._method, self._target, self._headers, self._body = method, target, headers, body
        self._limits = limits
        self._arrivals = streamed._arrivals
        self._lock = threading.Lock()
        self._connection: PinnedConnection | None = None
        self._is_over = False

    def run(
        self, policy: OutboundPolicy, resolver: Resolver, context: ssl.SSLContext | None
    ) -> None:
        """Resolve, judge, connect, send, read. Every end goes to the caller's thread."""
        try:
            addresses = policy.vetted_addresses(self._target, resolver)
            connection = PinnedConnection(
                self._target, addresses, self._limits.seconds, context, self._limits.connect_seconds
            )
            self._own(connection)
            try:
                self._exchange(connection)
            finally:
                connection.release()
        except (OSError, http.client.HTTPException) as error:
            self._arrivals.put(_failed(error))
        except Exception as error:  # noqa: BLE001  (it is raised again, where somebody reads it)
            self._arrivals.put(error)
        else:
            self._arrivals.put(_END)

    def cut(self) -> None:
        """End it from the caller's thread."""
        with self._lock:
            self._is_over = True
            if self._connection is not None:
                self._connection.cut()

    def _own(self, connection: PinnedConnection) -> None:
        with self._lock:
            self._connection = connection
            if self._is_over:
                connection.cut()

    def _exchange(self, connection: PinnedConnection) -> None:
        connection.request(
            self._method, self._target.path, body=self._body or None, headers=dict(self._headers)
        )
        with connection.getresponse() as received:
            self._arrivals.put(received.status)
            left = self._limits.answer_bytes
            while piece := received.read1(_READ_BYTES):
                left -= len(piece)
                if left < 0:
                    raise Failed("answer_too_large")
                self._arrivals.put(piece)


def _failed(error: Exception) -> OutboundError:
    failure = Failed(code_of(error), type(error).__name__)
    failure.__cause__ = error
    return failure
