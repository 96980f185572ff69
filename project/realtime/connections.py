"""How many live connections a user holds, over all web processes, counted in Redis.

Each connection is a member of a sorted set that repeats its sign of life; a process that was
killed leaves members behind, which stop counting after LIFE_SECONDS.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

import redis
from asgiref.sync import sync_to_async
from django.conf import settings

MAX_PER_USER = 10
LIFE_SECONDS = 90


def enter(*, user_id: int, connection: str, now: datetime) -> bool:
    """Count a new connection; False, and not counted, when the user has MAX_PER_USER already."""
    key = _key(user_id)
    with _client().pipeline(transaction=True) as pipe:
        pipe.zremrangebyscore(key, "-inf", now.timestamp() - LIFE_SECONDS)
        pipe.zadd(key, {connection: now.timestamp()})
        pipe.expire(key, LIFE_SECONDS)
        pipe.zrank(key, connection)
        pipe.zcard(key)
        count = pipe.execute()[-1]
    if count <= MAX_PER_USER:
        return True
    leave(user_id=user_id, connection=connection)
    return False


def stay(*, user_id: int, connection: str, now: datetime) -> None:
    """Repeat the sign of life."""
    key = _key(user_id)
    with _client().pipeline(transaction=True) as pipe:
        pipe.zadd(key, {connection: now.timestamp()})
        pipe.expire(key, LIFE_SECONDS)
        pipe.execute()


def leave(*, user_id: int, connection: str) -> None:
    """Stop counting the connection."""
    _client().zrem(_key(user_id), connection)


aenter = sync_to_async(enter, thread_sensitive=False)
astay = sync_to_async(stay, thread_sensitive=False)
aleave = sync_to_async(leave, thread_sensitive=False)


def _key(user_id: int) -> str:
    return f"{settings.REDIS_PREFIX}:feed:{user_id}"


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
