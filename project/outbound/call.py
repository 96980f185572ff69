"""One HTTP exchange with a vetted address: no redirect, no proxy, no cookie, bounded in time
and size."""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from project.outbound.connection import PinnedConnection, code_of, resolve
from project.outbound.errors import Failed
from project.outbound.policy import OutboundPolicy, Resolver


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`seconds` bounds the whole exchange, however slowly the other side drips."""

    seconds: float = 10.0
    answer_bytes: int = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`body` is cut at the limit. A redirect is an answer like any other."""

    status: int
    body: bytes

    @property
    def is_success(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300


def call(
    method: str,
    url: str,
    *,
    policy: OutboundPolicy,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    limits: Limits = Limits(),
    resolver: Resolver | None = None,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """Send one request and read the answer. Raises Refused and Failed."""
    target = policy.check(url)
    addresses = policy.vetted_addresses(target, resolver or resolve)
    connection = PinnedConnection(target, addresses, limits.seconds, context)
    with _deadline(connection, limits.seconds):
        try:
            connection.request(method, target.path, body=body or None, headers=dict(headers or {}))
            with connection.getresponse() as received:
                answer = Answer(status=received.status, body=received.read(limits.answer_bytes))
        except (OSError, http.client.HTTPException) as error:
            code = "timeout" if connection.is_cut else code_of(error)
            raise Failed(code, type(error).__name__) from error
        finally:
            connection.release()
        if connection.is_cut:  # an answer without a length looks complete where it was cut
            raise Failed("timeout")
        return answer


@contextmanager
def _deadline(connection: PinnedConnection, seconds: float) -> Iterator[None]:
    """Cuts the connection when the time is over."""
    timer = threading.Timer(seconds, connection.cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
