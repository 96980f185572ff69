"""The way of live changes through Redis."""

from __future__ import annotations

import asyncio

import pytest
import redis
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings

pytestmark = pytest.mark.services


def drop_connections() -> None:
    """What a restart of Redis does to the connections that were open."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.client_kill_filter(_type="normal", skipme=True)
        client.client_kill_filter(_type="pubsub", skipme=True)


async def test_the_first_message_after_redis_came_back_arrives():
    layer = get_channel_layer()
    for text in ("before", "after"):
        channel = await layer.new_channel()
        await layer.group_add("story", channel)
        await layer.group_send("story", {"type": text})
        assert await asyncio.wait_for(layer.receive(channel), 5) == {"type": text}
        await layer.group_discard("story", channel)
        receiving = asyncio.create_task(layer.receive(channel))
        await asyncio.sleep(0)
        receiving.cancel()  # the socket ends; nobody is subscribed now
        with pytest.raises(asyncio.CancelledError):
            await receiving
        await sync_to_async(drop_connections, thread_sensitive=False)()
