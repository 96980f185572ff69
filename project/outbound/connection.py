"""The connection under every outbound call: it goes to an address that was judged, not to the
name, so that a second look-up cannot lead elsewhere (DNS rebinding); Host, SNI and the
certificate check use the name. It can be cut from another thread.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading

from project.outbound.addresses import Address
from project.outbound.errors import Failed
from project.outbound.policy import Target

CONNECT_SECONDS = 5.0


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the system resolves it. Raises Failed dns_failed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Failed("dns_failed", type(error).__name__) from error
    return [str(sockaddr[0]) for *_rest, sockaddr in found]


class PinnedConnection(http.client.HTTPConnection):
    """Connects to one of the vetted addresses in place of the name."""

    def __init__(
        self,
        target: Target,
        addresses: list[Address],
        seconds: float,
        context: ssl.SSLContext | None,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        super().__init__(target.host, target.port, timeout=seconds)
        self.default_port = 443 if target.is_tls else 80
        self._addresses = addresses
        self._connect_seconds = connect_seconds
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
                plain = socket.create_connection((str(address), self.port), self._connect_seconds)
            except OSError as error:
                failure = error
            else:
                plain.settimeout(self.timeout)
                return plain
        raise failure


def code_of(error: Exception) -> str:
    """The code of Failed for what a socket or http.client raised."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "tls_failed"
    if isinstance(error, OSError):
        return "connection_failed"
    return "answer_invalid"
