"""Tickets: a browser on another origin, or a client that cannot set headers, opens a socket.

A ticket is a random word, good once and for TTL_SECONDS; the cache holds only its sha256.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict
from datetime import datetime

from django.core.cache import cache

from project.realtime.credentials import Credential

TTL_SECONDS = 30


def issue_ticket(*, credential: Credential, now: datetime) -> str:
    """A new ticket that stands for `credential`."""
    ticket = secrets.token_urlsafe(32)
    entry = {"credential": asdict(credential), "expires_at": now.timestamp() + TTL_SECONDS}
    cache.set(_key(ticket), entry, timeout=TTL_SECONDS)
    return ticket


def consume_ticket(*, ticket: str, now: datetime) -> Credential | None:
    """Use up `ticket`; None when it is unknown, used or older than TTL_SECONDS.

    The deletion decides: of several consumers exactly one sees its delete succeed.
    """
    entry = cache.get(_key(ticket))
    if entry is None or not cache.delete(_key(ticket)):
        return None
    if now.timestamp() >= entry["expires_at"]:
        return None
    return Credential(**entry["credential"])


def _key(ticket: str) -> str:
    return f"ws-ticket:{hashlib.sha256(ticket.encode()).hexdigest()}"
