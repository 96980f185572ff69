"""The breaker of one language model server, shared by all processes through the cache.

Best effort like all that lies there: without Redis every call is let through, as no process can
know of another's failures, and a warning says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

TTL_SECONDS = 60 * 60


class CacheBreakerStore:
    """See BreakerStore; `name` is the fingerprint of the server."""

    def __init__(self, name: str) -> None:
        self._name = name

    def count_failure(self) -> int:
        """Atomic: `add` makes the counter once, `incr` counts."""
        return int(self._ask(self._count, fallback=0))

    def open_until(self, at: float) -> None:
        """Kept past `at`, so that the one after it knows that it is a trial."""
        self._ask(lambda: cache.set(self._key("until"), at, TTL_SECONDS), fallback=None)

    def opened_until(self) -> float:
        """0 when it is closed."""
        return float(self._ask(lambda: cache.get(self._key("until")), fallback=None) or 0.0)

    def take_trial(self, seconds: float) -> bool:
        """`add` succeeds for one process only."""
        return bool(self._ask(lambda: cache.add(self._key("trial"), 1, seconds), fallback=True))

    def give_trial_back(self) -> None:
        """The next may try."""
        self._ask(lambda: cache.delete(self._key("trial")), fallback=None)

    def close(self) -> None:
        """Forget failures and opening."""
        keys = [self._key("failures"), self._key("until")]
        self._ask(lambda: cache.delete_many(keys), fallback=None)

    def observe(self, code: str, at: float) -> None:
        """How the last call ended."""
        self.note("call", code, at)

    def note(self, what: str, code: str, at: float) -> None:
        """Keep `code` (empty: well) and the time under a name."""
        self._ask(lambda: cache.set(self._key(what), (code, at), TTL_SECONDS), fallback=None)

    def noted(self, what: str) -> tuple[str, float] | None:
        """What was kept last under that name; None when nothing was, or it is long ago."""
        seen: tuple[str, float] | None = self._ask(
            lambda: cache.get(self._key(what)), fallback=None
        )
        return seen

    def _count(self) -> int:
        cache.add(self._key("failures"), 0, TTL_SECONDS)
        return int(cache.incr(self._key("failures")))

    def _key(self, what: str) -> str:
        return f"xray-llm:{self._name}:{what}"

    def _ask(self, question: Callable[[], Any], *, fallback: Any) -> Any:
        try:
            return question()
        except RedisError as error:
            logger.warning("xray: the breaker has no cache: %s", type(error).__name__)
            return fallback
