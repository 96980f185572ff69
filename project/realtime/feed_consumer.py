"""`/ws/v1/feed/`: one socket per tab with everything live about the user's jobs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from django.utils import timezone, translation

from project.realtime import connections, events
from project.realtime.client_messages import Alive, BadMessage, Resume, SendSnapshot, parse
from project.realtime.live_jobs import LiveJobs
from project.realtime.outbox import TooSlow
from project.realtime.socket import CountedSocket


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How often a socket is looked after, and how many pings may stay unanswered."""

    ping_seconds: float = 25.0
    unanswered_pings: int = 2


class FeedConsumer(CountedSocket):
    """Joins the user's group, then reads and sends the snapshot, then what changes.

    Channels hands over one message at a time, so changes that arrive during the snapshot wait.
    """

    def __init__(self, *, pace: Pace | None = None) -> None:
        super().__init__()
        self.pace = pace or Pace()
        self.changed = asyncio.Event()
        self.unanswered = 0

    async def connect(self) -> None:
        """Refuse strangers in the handshake, then join, then tell."""
        user = self.scope["user"]
        if user is None:
            await self.close(events.UNAUTHENTICATED)
            return
        offered = self.scope.get("subprotocols", [])
        await self.accept(events.SUBPROTOCOL if events.SUBPROTOCOL in offered else None)
        if not await self.join():
            await self.close(events.TOO_MANY_SOCKETS)
            return
        self.live = LiveJobs(user, language=self.scope["language"])
        await self.tell(await self.live.snapshot())
        self.start(self.write())
        self.start(self.look_after())

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer one message of the client."""
        del bytes_data
        self.unanswered = 0
        try:
            with translation.override(self.scope["language"]):
                request = parse(text_data)
        except BadMessage as error:
            await self.tell(events.error_message(error.code, error.detail))
            return
        match request:
            case Resume(known):
                for message in await self.live.resume(known):
                    await self.tell(message)
            case SendSnapshot():
                await self.tell(await self.live.snapshot())
            case Alive():
                pass

    async def job_changed(self, event: dict[str, Any]) -> None:
        """A pushed change of one of the user's jobs."""
        try:
            self.live.offer(event["message"])
        except TooSlow:
            await self.close(events.TOO_SLOW)
        self.changed.set()

    async def credential_revoked(self, event: dict[str, Any]) -> None:
        """Somebody ended a session, revoked a token or deactivated the user."""
        del event
        await self.may_stay()

    async def server_draining(self, event: dict[str, Any]) -> None:
        """This server is about to stop."""
        del event
        await self.close(events.DRAINING)

    async def write(self) -> None:
        """Send changes at the pace of the outbox."""
        while True:
            await self.changed.wait()
            self.changed.clear()
            while (delay := self.live.delay()) is not None:
                await asyncio.sleep(delay)
                for message in self.live.take():
                    await self.tell(message)

    async def look_after(self) -> None:
        """At each ping: is the client there, may it stay, did it miss something?"""
        while True:
            await asyncio.sleep(self.pace.ping_seconds)
            if self.unanswered >= self.pace.unanswered_pings:
                await self.close(events.TOO_SLOW)
                return
            if not await self.may_stay():
                return
            await connections.astay(
                user_id=self.scope["user"].pk, connection=self.channel_name, now=timezone.now()
            )
            if (missed := await self.live.missed()) is not None:
                await self.tell(missed)
            await self.tell(events.ping_message())
            self.unanswered += 1
