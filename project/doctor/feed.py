"""One look at the live feed: the handshake of RFC 6455 and its first message.

By hand, because no other product code opens a socket as a client.
"""

from __future__ import annotations

import base64
import json
import secrets
import socket
import struct
from typing import IO, Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 10.0
MAX_MESSAGE_BYTES = 4_000_000
TEXT, FINAL = 0x1, 0x80


class FeedRefused(Exception):
    """The server answered the handshake, or the first frame, with something else."""


def first_message(url: str, *, ticket: str, host: str) -> dict[str, Any]:
    """The first message of the feed at the http address `url`.

    Raises FeedRefused, OSError, and ValueError for what is not JSON.
    """
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or 80)
    with socket.create_connection(address, timeout=TIMEOUT_SECONDS) as connection:
        connection.sendall(_handshake(host, ticket))
        with connection.makefile("rb") as stream:
            status = stream.readline().decode("latin-1").strip()
            while stream.readline().strip():
                pass  # headers; the protocol is checked by what comes next
            if " 101 " not in f"{status} ":
                raise FeedRefused(status or "no answer")
            message: dict[str, Any] = json.loads(_text_frame(stream))
            return message


def _handshake(host: str, ticket: str) -> bytes:
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    lines = (
        "GET /ws/v1/feed/ HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
        f"Sec-WebSocket-Protocol: jobs.v1, ticket.{ticket}",
    )
    return "\r\n".join((*lines, "", "")).encode()


def _text_frame(stream: IO[bytes]) -> bytes:
    """The content of one whole text frame; frames of a server are not masked."""
    head, size = _exactly(stream, 2)
    if head != TEXT | FINAL:
        raise FeedRefused(f"a frame of kind {head & 0x0F}")
    if size == 126:
        (size,) = struct.unpack(">H", _exactly(stream, 2))
    elif size == 127:
        (size,) = struct.unpack(">Q", _exactly(stream, 8))
    if size > MAX_MESSAGE_BYTES:
        raise FeedRefused(f"a message of {size} bytes")
    return _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise FeedRefused("the connection ended")
    return content
