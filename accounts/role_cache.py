"""The list of roles, cached. A write starts a new generation of keys.

A reader that queried before the write can then only fill a key that nobody reads any more.
Without Redis the list comes from the database; a write made meanwhile shows after CACHE_SECONDS.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypedDict
from uuid import uuid4

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

CACHE_SECONDS = 60
_GENERATION_KEY = "accounts.roles.generation"


class RoleRow(TypedDict):
    """One role as the API shows it."""

    id: str
    code: str
    name: str
    description: str
    device_seconds_per_day: int | None
    built_in: bool
    created_at: str
    updated_at: str


def cached_rows(query: Callable[[], list[RoleRow]]) -> list[RoleRow]:
    """The cached list, or the result of `query`, which is then cached."""
    try:
        key = f"accounts.roles.{_generation()}"
        rows: list[RoleRow] | None = cache.get(key)
        if rows is None:
            rows = query()
            cache.set(key, rows, CACHE_SECONDS)
    except RedisError as error:
        logger.warning("role cache unavailable: %s", type(error).__name__)
        return query()
    return rows


def start_generation() -> None:
    """Forget what was cached before."""
    try:
        cache.set(_GENERATION_KEY, uuid4().hex, None)
    except RedisError as error:
        logger.warning("role cache not invalidated: %s", type(error).__name__)


def _generation() -> Any:
    return cache.get_or_set(_GENERATION_KEY, lambda: uuid4().hex, None)
