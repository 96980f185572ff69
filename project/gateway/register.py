"""Registering with the gateway: wait until we answer, then try with growing pauses."""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from project.excerpt import excerpt
from project.gateway.address import LIMITS, OPERATORS_HOST, discover_ip
from project.gateway.models import GatewayAttempt
from project.outbound.call import Answer, call
from project.outbound.errors import OutboundError, Refused

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 300.0
READY_POLL_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """Whom to tell what. `ip` empty: ask the `ip_services`. The secret is kept out of `repr`."""

    url: str
    port: int
    secret: str = field(repr=False)
    ip: str = ""
    ip_services: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Means:
    """Calls, clock and pauses; tests bring their own. `sleep(seconds)` blocks."""

    send: Callable[..., Answer] = call
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = timezone.now
    rng: random.Random = field(default_factory=random.SystemRandom)


def wait_until_ready(
    probe: Callable[[], str], *, seconds: float, sleep: Callable[[float], None] = time.sleep
) -> str:
    """Ask `probe()` once a second until it says nothing is missing; what was missing last, or
    an empty string when ready."""
    missing = probe()
    for _second in range(int(seconds / READY_POLL_SECONDS)):
        if not missing:
            return ""
        sleep(READY_POLL_SECONDS)
        missing = probe()
    return missing


def register_with_gateway(
    gateway: Gateway, *, attempts: int, means: Means | None = None
) -> GatewayAttempt:
    """Try up to `attempts` times, each attempt a row and a line in the log; the last one.

    The pause after attempt n is 2 s * 2^(n-1), at most 5 minutes, times 0.8 to 1.2. An address
    that is not one (Refused) is not tried again.
    """
    means = means or Means()
    number = 0
    while True:
        number += 1
        attempt, is_final = _try_once(gateway, number, means)
        _log(attempt)
        if attempt.is_success or is_final or number >= attempts:
            return attempt
        means.sleep(pause_after(number, means.rng))


def pause_after(number: int, rng: random.Random) -> float:
    """Seconds until the next attempt."""
    nominal: float = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (number - 1))
    return nominal * rng.uniform(0.8, 1.2)


def _try_once(gateway: Gateway, number: int, means: Means) -> tuple[GatewayAttempt, bool]:
    row = GatewayAttempt(at=means.now(), port=gateway.port, number=number)
    begun = time.monotonic()
    is_final = False
    try:
        row.origin = OPERATORS_HOST.check(gateway.url).origin
        row.ip = gateway.ip or discover_ip(gateway.ip_services, send=means.send)
        if row.ip is None:
            row.error_code = "ip_unknown"
        else:
            _tell(gateway, row, means)
    except OutboundError as error:
        row.error_code = error.code
        is_final = isinstance(error, Refused)
    row.seconds = time.monotonic() - begun
    row.save()
    return row, is_final


def _tell(gateway: Gateway, row: GatewayAttempt, means: Means) -> None:
    body = {"ip": row.ip, "port": gateway.port, "secret": gateway.secret}
    answer = means.send(
        "POST",
        gateway.url,
        policy=OPERATORS_HOST,
        headers={"Content-Type": "application/json"},
        body=json.dumps(body).encode(),
        limits=LIMITS,
    )
    row.status_code = answer.status
    row.error_code = "" if answer.is_success else "status_refused"
    row.excerpt = excerpt(answer.body, secret=gateway.secret)


def _log(row: GatewayAttempt) -> None:
    level = logging.INFO if row.is_success else logging.WARNING
    logger.log(
        level,
        "gateway %s, attempt %d with %s port %d: %s",
        row.origin or "?",
        row.number,
        row.ip or "no address",
        row.port,
        row.error_code or row.status_code,
    )
