"""Who is calling, as far as the proxies we trust can tell."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The caller's address: the peer, or the entry that our outermost proxy appended.

    `X-Forwarded-For` counts only as far as OMNILENS_TRUSTED_PROXIES; anything further left
    was written by the caller and would let each request pick its own throttle counter.
    """
    peer: str = request.META.get("REMOTE_ADDR") or ""
    hops: int = settings.TRUSTED_PROXIES
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if hops < 1 or not forwarded[0]:
        return peer
    return forwarded[-min(hops, len(forwarded))]


def is_loopback(request: HttpRequest) -> bool:
    """Whether the caller sits on this machine; a forwarded request of an unknown proxy does not."""
    if settings.TRUSTED_PROXIES < 1 and "X-Forwarded-For" in request.headers:
        return False
    try:
        return ip_address(client_address(request)).is_loopback
    except ValueError:
        return False
