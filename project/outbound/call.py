"""One HTTP exchange with a vetted address: no redirect, no proxy, no cookie, bounded in time
and size.

The connection goes to the address that was judged, not to the name, so that a second look-up
cannot lead elsewhere (DNS rebinding); Host, SNI and the certificate check use the name.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from project.outbound.addresses import Address
from project.outbound.errors import Failed
from project.outbound.policy import OutboundPolicy, Resolver, Target

CONNECT_SECONDS = 5.0


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
    connection = _Connection(target, addresses, limits.seconds, context)
    with _deadline(connection, limits.seconds):
        try:
            connection.request(method, target.path, body=body or None, headers=dict(headers or {}))
            with connection.getresponse() as received:
                answer = Answer(status=received.status, body=received.read(limits.answer_bytes))
        except (OSError, http.client.HTTPException) as error:
            code = "timeout" if connection.is_cut else _code_of(error)
            raise Failed(code, type(error).__name__) from error
        finally:
            connection.release()
        if connection.is_cut:  # an answer without a length looks complete where it was cut
            raise Failed("timeout")
        return answer


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the system resolves it. Raises Failed dns_failed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Failed("dns_failed", type(error).__name__) from error
    return [str(sockaddr[0]) for *_rest, sockaddr in found]


class _Connection(http.client.HTTPConnection):
    """Connects to one of the vetted addresses in place of the name."""

    def __init__(
        self,
        target: Target,
        addresses: list[Address],
        seconds: float,
        context: ssl.SSLContext | None,
    ) -> None:
        super().__init__(target.host, target.port, timeout=seconds)
        self.default_port = 443 if target.is_tls else 80
        self._addresses = addresses
        self._context = (context or ssl.create_default_context()) if target.is_tls else None
        self._lock = threading.Lock()
        self.is_cut = False
        self._wire: socket.socket | None = None

    def connect(self) -> None:
        """The first address that takes the connection; then TLS with the name."""
        plain = self._first_connection()
        with self._lock:
            # A second handle on the same connection: cutting it is safe while TLS reads.
            self._wire = socket.socket(fileno=os.dup(plain.fileno()))
            if self.is_cut:
                plain.close()
                raise TimeoutError
        self.sock = plain
        if self._context is not None:
            self.sock = self._context.wrap_socket(plain, server_hostname=self.host)

    def cut(self) -> None:
        """End the exchange from another thread; whatever waits for bytes gets none."""
        with self._lock:
            self.is_cut = True
            if self._wire is not None:
                try:
                    self._wire.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return  # the other side was quicker

    def release(self) -> None:
        """Close both handles. (`close` alone is also called by http.client, once the headers
        of a last answer have come, while its body is still read.)"""
        self.close()
        with self._lock:
            if self._wire is not None:
                self._wire.close()
                self._wire = None

    def _first_connection(self) -> socket.socket:
        failure: OSError = TimeoutError()
        for address in self._addresses:
            if self.is_cut:
                raise TimeoutError
            try:
                plain = socket.create_connection((str(address), self.port), CONNECT_SECONDS)
            except OSError as error:
                failure = error
            else:
                plain.settimeout(self.timeout)
                return plain
        raise failure


@contextmanager
def _deadline(connection: _Connection, seconds: float) -> Iterator[None]:
    """Cuts the connection when the time is over."""
    timer = threading.Timer(seconds, connection.cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _code_of(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "tls_failed"
    if isinstance(error, OSError):
        return "connection_failed"
    return "answer_invalid"
