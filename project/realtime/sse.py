"""The feed as server-sent events, for networks that block WebSockets."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.utils import timezone

from accounts.models import User
from project.api.closing_stream import ClosingStream
from project.realtime import connections, events
from project.realtime.credentials import Credential
from project.realtime.live_jobs import LiveJobs
from project.realtime.outbox import TooSlow
from project.realtime.publisher import THIS_SERVER

KEEP_ALIVE = b": keep-alive\n\n"
RETRY = b"retry: 2000\n\n"


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Seconds between comments, and how long one response lasts.

    A response that ends is reopened by the browser. Servers do not say how much of a stream a
    client has read, so its length is what bounds the memory a stalled client costs.
    """

    comment_seconds: float = 15.0
    life_seconds: float = 600.0


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Who watches, why they may, in which language, and the name that is counted."""

    user: User
    credential: Credential
    language: str
    connection: str
    pace: Pace = field(default_factory=Pace)


class EventStream(ClosingStream):
    """Server-sent events; a connection that is gone stops counting at once."""

    def __init__(self, stream: AsyncGenerator[bytes, None]) -> None:
        super().__init__(
            stream,
            content_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )


async def stream_jobs(viewer: Viewer) -> AsyncGenerator[bytes, None]:
    """A snapshot, then deltas and comments, until the credential, the server or the time ends."""
    layer = get_channel_layer()
    channel = await layer.new_channel()
    receiving = asyncio.create_task(layer.receive(channel))
    groups = (events.user_group(viewer.user.pk), THIS_SERVER)
    try:
        for group in groups:
            await layer.group_add(group, channel)
        live = LiveJobs(viewer.user, language=viewer.language)
        yield RETRY
        yield _frame(await live.snapshot())
        comment_at = time.monotonic() + viewer.pace.comment_seconds
        end_at = time.monotonic() + viewer.pace.life_seconds
        while time.monotonic() < end_at:
            await asyncio.wait({receiving}, timeout=_pause(live, comment_at))
            if receiving.done():
                if not await _accept(viewer, live, receiving.result()):
                    return
                receiving = asyncio.create_task(layer.receive(channel))
            for message in live.take():
                yield _frame(message)
            if time.monotonic() >= comment_at:
                comment_at = time.monotonic() + viewer.pace.comment_seconds
                if not await _may_stay(viewer):
                    return
                missed = await live.missed()
                yield _frame(missed) if missed else KEEP_ALIVE
    finally:
        receiving.cancel()
        for group in groups:
            await layer.group_discard(group, channel)
        await connections.aleave(user_id=viewer.user.pk, connection=viewer.connection)


async def _accept(viewer: Viewer, live: LiveJobs, message: dict[str, Any]) -> bool:
    """Take one message of the channel layer; whether the stream goes on."""
    match message:
        case {"type": "job.changed", "message": change}:
            try:
                live.offer(change)
            except TooSlow:
                return False
            return True
        case {"type": "credential.revoked"}:
            return await _may_stay(viewer)
    return False


async def _may_stay(viewer: Viewer) -> bool:
    now = timezone.now()
    if await database_sync_to_async(viewer.credential.user)(now=now) is None:
        return False
    await connections.astay(user_id=viewer.user.pk, connection=viewer.connection, now=now)
    return True


def _pause(live: LiveJobs, comment_at: float) -> float:
    until_comment = max(0.0, comment_at - time.monotonic())
    delay = live.delay()
    return until_comment if delay is None else min(delay, until_comment)


def _frame(message: events.ServerMessage) -> bytes:
    return f"data: {json.dumps(message)}\n\n".encode()
