"""One pool of Redis connections per process and address, for Django's cache."""

from __future__ import annotations

import threading
from typing import Any

from redis import ConnectionPool

_pools: dict[str, SharedConnectionPool] = {}
_lock = threading.Lock()


class SharedConnectionPool(ConnectionPool):
    """Django asks for a pool with each cache object, and under ASGI each request has one of its
    own: a connection per request, closed when the garbage collector comes by."""

    @classmethod
    def from_url(cls, url: str, **options: Any) -> SharedConnectionPool:
        """The pool of `url`; `options` count for the first who asks."""
        with _lock:
            if url not in _pools:
                _pools[url] = super().from_url(url, **options)
            return _pools[url]
