"""Sessions: the row is the truth, Redis is the cache in front of it.

Losing Redis costs a query, never a sign-in. A cached copy lives for five minutes at most, which
bounds how long a session that was ended while Redis was away could come back with it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.utils.dateparse import parse_datetime
from redis.exceptions import RedisError

from accounts.models.signins import BrowserSession
from project.uuid7 import uuid7

logger = logging.getLogger(__name__)

CACHE_SECONDS = 300
CACHE_PREFIX = "accounts.sessions:"
HANDLE_KEY = "_handle"
CLIENT_KEY = "_client"
SIGNED_IN_AT_KEY = "_signed_in_at"

Result = TypeVar("Result")


def _cache() -> BaseCache:
    return caches[settings.SESSION_CACHE_ALIAS]


def _tolerant(operation: Callable[[], Result], *, otherwise: Result) -> Result:
    """The result of a cache operation, or `otherwise` while Redis is away."""
    try:
        return operation()
    except RedisError as error:
        logger.warning("session cache unavailable: %s", type(error).__name__)
        return otherwise


def forget(session_key: str) -> None:
    """Drop the cached copy of a session whose row was changed or deleted."""
    _tolerant(lambda: _cache().delete(CACHE_PREFIX + session_key), otherwise=False)


class SessionStore(DatabaseStore):
    """Database rows with a cache in front that may come and go."""

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        """The row that knows its user."""
        return BrowserSession

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        """The row for `data`, with what people need to recognise a session of theirs."""
        row = BrowserSession(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]  # Django's, not in its stubs
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
        )
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.handle = UUID(data[HANDLE_KEY])
        row.client = data.get(CLIENT_KEY, "")
        row.signed_in_at = parse_datetime(data.get(SIGNED_IN_AT_KEY, ""))
        return row

    def load(self) -> dict[str, Any]:
        """The session's data from the cache, else from its row."""
        key = CACHE_PREFIX + str(self.session_key)
        cached: dict[str, Any] | None = _tolerant(lambda: _cache().get(key), otherwise=None)
        if cached is not None:
            return cached
        row = self._get_session_from_db()  # type: ignore[attr-defined]  # as above
        if row is None:
            return {}
        data: dict[str, Any] = self.decode(row.session_data)
        seconds = min(CACHE_SECONDS, self.get_expiry_age(expiry=row.expire_date))
        _tolerant(lambda: _cache().set(key, data, seconds), otherwise=None)
        return data

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002  (Django's signature)
        """Write the row, then the cache."""
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # as above
        data.setdefault(HANDLE_KEY, str(uuid7()))
        super().save(must_create=must_create)
        key, data = CACHE_PREFIX + str(self.session_key), dict(self.items())
        seconds = min(CACHE_SECONDS, self.get_expiry_age())
        _tolerant(lambda: _cache().set(key, data, seconds), otherwise=None)

    def delete(self, session_key: str | None = None) -> None:
        """Delete the row and its cached copy."""
        key = session_key or self.session_key
        super().delete(session_key)
        if key:
            forget(key)

    async def aload(self) -> dict[str, Any]:
        """`load` for async callers."""
        return await sync_to_async(self.load)()

    async def asave(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002  (Django's signature)
        """`save` for async callers."""
        await sync_to_async(self.save)(must_create=must_create)

    async def adelete(self, session_key: str | None = None) -> None:
        """`delete` for async callers."""
        await sync_to_async(self.delete)(session_key)
