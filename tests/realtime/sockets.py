"""Sockets to the feed without a server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from project.realtime.authentication import FeedAuthentication
from project.realtime.feed_consumer import FeedConsumer, Pace

OWN_HOST = [(b"host", b"testserver"), (b"origin", b"http://testserver")]
PATIENCE_SECONDS = 5


def sign_in(user: Any) -> str:
    """The key of a new session."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def cookie(key: str) -> tuple[bytes, bytes]:
    return (b"cookie", f"{settings.SESSION_COOKIE_NAME}={key}".encode())


async def by_cookie(user: Any) -> list[tuple[bytes, bytes]]:
    """The headers of a page of ours."""
    return [*OWN_HOST, cookie(await sync_to_async(sign_in)(user))]


def communicator(
    headers: list[tuple[bytes, bytes]],
    subprotocols: tuple[str, ...] = ("jobs.v1",),
    pace: Pace | None = None,
) -> WebsocketCommunicator:
    application = FeedAuthentication(FeedConsumer.as_asgi(pace=pace))
    return WebsocketCommunicator(
        application, "/ws/v1/feed/", headers=headers, subprotocols=list(subprotocols)
    )


@asynccontextmanager
async def opened(user: Any, pace: Pace | None = None) -> AsyncIterator[WebsocketCommunicator]:
    """An accepted socket of a signed-in page, before its snapshot was read."""
    socket = communicator(await by_cookie(user), pace=pace)
    accepted, chosen = await socket.connect(PATIENCE_SECONDS)
    assert (accepted, chosen) == (True, "jobs.v1")
    try:
        yield socket
    finally:
        if not socket.future.done():
            await socket.disconnect(timeout=PATIENCE_SECONDS)


async def hear(socket: WebsocketCommunicator) -> dict[str, Any]:
    """The next message that is not a ping."""
    while (message := await socket.receive_json_from(PATIENCE_SECONDS))["type"] == "ping":
        pass
    return message


async def closing_code(socket: WebsocketCommunicator) -> int:
    """Reads on until the server closes."""
    while (message := await socket.receive_output(PATIENCE_SECONDS))["type"] != "websocket.close":
        pass
    return message["code"]
