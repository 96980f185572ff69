"""The web socket. The supervisor owns it: no port is lost between the choice and the bind, a
restarting web process loses no connection, and several web processes share it."""

from __future__ import annotations

import errno
import socket

FIRST_PORT = 8000
LAST_PORT = 8099
BACKLOG = 256


class PortTaken(Exception):
    """The wanted port, or all of the range, is in use."""


def listen(bind: str, port: int | None) -> socket.socket:
    """A listening TCP socket on `port`, else on the first free port from 8000.

    Raises PortTaken; other errors of the address (not local, not permitted) stay OSError.
    """
    candidates = range(FIRST_PORT, LAST_PORT + 1) if port is None else (port,)
    family, *_rest, address = socket.getaddrinfo(bind, None, type=socket.SOCK_STREAM)[0]
    for candidate in candidates:
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address[0], candidate))
            listener.listen(BACKLOG)
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE:
                raise
            continue
        listener.settimeout(0.0)  # several reactors accept from it; none may block
        return listener
    raise PortTaken(f"port {port}" if port else f"every port from {FIRST_PORT} to {LAST_PORT}")


def public_url(listener: socket.socket) -> str:
    """The URL under which this machine reaches the socket."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (compared, not bound)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
