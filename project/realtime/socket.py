"""The life of one authenticated, counted socket: groups, tasks, and how it ends."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Coroutine
from typing import Any

from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import timezone
from redis.exceptions import RedisError

from project.realtime import connections, events
from project.realtime.publisher import THIS_SERVER

logger = logging.getLogger(__name__)

INTERNAL_ERROR = 1011
TRY_AGAIN_LATER = 1013


class CountedSocket(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """Expects `user` and `credential` in the scope (authentication.py)."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks: list[asyncio.Task[None]] = []
        self.joined: list[str] = []
        self.counted = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one socket; whatever ends it, nothing of it stays behind."""
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:  # the server stops
            await send({"type": "websocket.close", "code": events.DRAINING})
            raise
        except RedisError as error:
            logger.warning("socket closed, Redis is away: %s", type(error).__name__)
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
        finally:
            await self.leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Answer one message of the client or of the channel layer.

        Channels would first close old database connections, in the one thread that all sockets
        share: at 1,000 messages a second each waited seconds for it. What reads the database
        here goes through `database_sync_to_async`, which does the same for itself.
        """
        handler = getattr(self, get_handler_name(message), None)
        if handler is None:
            raise ValueError(f"No handler for message type {message['type']}")
        await handler(message)

    async def join(self) -> bool:
        """Join the groups of the user and of this server; False above the limit per user."""
        user_id = self.scope["user"].pk
        self.counted = await connections.aenter(
            user_id=user_id, connection=self.channel_name, now=timezone.now()
        )
        if self.counted:
            for group in (events.user_group(user_id), THIS_SERVER):
                await self.channel_layer.group_add(group, self.channel_name)
                self.joined.append(group)
        return self.counted

    async def leave(self) -> None:
        """Stop the tasks, leave the groups, stop counting."""
        for task in self.tasks:
            task.cancel()
        try:
            for group in self.joined:
                await self.channel_layer.group_discard(group, self.channel_name)
            if self.counted:
                await connections.aleave(
                    user_id=self.scope["user"].pk, connection=self.channel_name
                )
        except RedisError as error:
            logger.warning("socket left without Redis: %s", type(error).__name__)

    async def may_stay(self) -> bool:
        """Whether the credential still stands; closes when it does not."""
        credential = self.scope["credential"]
        if await database_sync_to_async(credential.user)(now=timezone.now()) is not None:
            return True
        await self.close(events.UNAUTHENTICATED)
        return False

    async def tell(self, message: events.ServerMessage) -> None:
        """Send one message."""
        await self.send(text_data=json.dumps(message))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside the socket; its failure ends the socket, the client comes back."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._stopped)
        self.tasks.append(task)

    def _stopped(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            logger.error("feed failed", exc_info=error)
            self.tasks.append(asyncio.create_task(self.close(INTERNAL_ERROR)))
