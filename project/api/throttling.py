"""Request rates. Counters live in the shared cache (Redis) and are incremented atomically."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import TimeoutError as RedisSlow
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from project.api.client_address import client_address

if TYPE_CHECKING:  # REST framework imports this module while its views are being loaded
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)

_PERIOD_SECONDS = {
    "s": 1,
    "sec": 1,
    "m": 60,
    "min": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86400,
    "day": 86400,
}
_FAIL_CLOSED = frozenset({"login"})


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """What the `RateLimit-*` headers say: requests allowed, left, seconds to the next window."""

    limit: int
    remaining: int
    reset_seconds: int


def parse_rate(text: str) -> tuple[int, int]:
    """`"30/min"` as (30 requests, 60 seconds); raises ValueError or KeyError."""
    count, _, period = text.partition("/")
    return int(count), _PERIOD_SECONDS[period]


class WindowThrottle(BaseThrottle):
    """A counter per caller and fixed window.

    Without Redis reads pass (an outage of the counters must not be an outage of the API),
    while signing in raises (guessing passwords without a counter is worse than waiting).
    """

    scope: ClassVar[str] = ""
    timer = staticmethod(time.time)

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count this request; False when the window is full."""
        scope = self.scope_of(request, view)
        rate = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"][scope] if scope else None
        if not scope or rate is None:
            return True
        limit, period = parse_rate(rate)
        now = self.timer()
        self._wait = period - now % period
        key = f"throttle:{scope}:{caller(request)}:{int(now // period)}"
        try:
            used = _increment(key, period)
        except (RedisGone, RedisSlow):
            if scope in _FAIL_CLOSED:
                raise
            logger.warning("throttle %s: the counter store is down; the request passes", scope)
            return True
        _remember(
            request._request,
            RateLimit(
                limit=limit,
                remaining=max(0, limit - used),
                reset_seconds=max(1, round(self._wait)),
            ),
        )
        return used <= limit

    def scope_of(self, request: Request, view: APIView) -> str | None:
        """The name of the rate that applies, or None."""
        raise NotImplementedError

    def wait(self) -> float:
        """Seconds until the window ends."""
        return self._wait


class AnonThrottle(WindowThrottle):
    """Strangers, by address."""

    def scope_of(self, request: Request, view: APIView) -> str | None:
        """`anon` without a user."""
        del view
        return None if request.user and request.user.is_authenticated else "anon"


class UserThrottle(WindowThrottle):
    """Signed-in users, by account."""

    def scope_of(self, request: Request, view: APIView) -> str | None:
        """`user` with a user."""
        del view
        return "user" if request.user and request.user.is_authenticated else None


class ScopeThrottle(WindowThrottle):
    """`throttle_scope` of a view: submit, login, tickets. Reading such a view costs nothing."""

    def scope_of(self, request: Request, view: APIView) -> str | None:
        """The view's scope for requests that change something."""
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return None
        scope: str | None = getattr(view, "throttle_scope", None)
        return scope


class CostlyReadThrottle(WindowThrottle):
    """For views whose answer is made anew for each reading, such as a PDF."""

    def scope_of(self, request: Request, view: APIView) -> str | None:
        """`export`, whatever the method."""
        del request, view
        return "export"


def caller(request: Request) -> str:
    """`u<id>` of a signed-in user, else the address."""
    user = request.user
    if user and user.is_authenticated:
        return f"u{user.pk}"
    return client_address(request._request)


def _increment(key: str, period: int) -> int:
    try:
        return cache.incr(key)
    except ValueError:  # the first request of this window
        cache.add(key, 0, timeout=period + 5)
        return cache.incr(key)


def _remember(request: HttpRequest, found: RateLimit) -> None:
    """Keep the tightest limit for the response headers."""
    known: RateLimit | None = getattr(request, "rate_limit", None)
    if known is None or found.remaining < known.remaining:
        request.rate_limit = found  # type: ignore[attr-defined]  # read by headers.py
