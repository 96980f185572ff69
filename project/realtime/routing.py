"""WebSocket routes."""

from __future__ import annotations

from typing import Any

from channels.routing import URLRouter
from django.urls import path, re_path

from project.realtime.authentication import FeedAuthentication, Receive, Scope, Send
from project.realtime.events import FEED_PATH
from project.realtime.feed_consumer import FeedConsumer


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Any other path: refused in the handshake instead of an exception in the log."""
    del scope
    await receive()
    await send({"type": "websocket.close"})


def websocket_application() -> Any:
    """The ASGI application for WebSockets."""
    feed: Any = FeedAuthentication(FeedConsumer.as_asgi())
    anything_else: Any = refuse  # Django's stubs know HTTP views only
    return URLRouter([path(FEED_PATH, feed), re_path(r"", anything_else)])
