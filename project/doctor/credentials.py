"""Who signs results, until when, and whether other people's software will believe it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from project.checks import GUARDED_PROFILES
from project.doctor.findings import Finding, error, ok, warning
from project.doctor.packages import REPAIR
from project.images.credentials import CannotSign, CannotSignCode
from project.images.credentials.checks import HOW, RENEW_SOON
from project.images.credentials.identity import Origin
from project.images.credentials.signer import current_identity

TOPIC = "credentials"
CONFIGURE = (
    "Set OMNILENS_C2PA_CERTIFICATES and OMNILENS_C2PA_KEY; docs/operating/credentials.md shows how."
)


def examine(settings: Any, *, now: datetime | None = None) -> Iterator[Finding]:
    """One line; it makes the development authority where there is none yet."""
    now = now or datetime.now(UTC)
    try:
        identity = current_identity(now=now)
    except CannotSign as refusal:
        missing = refusal.code is CannotSignCode.NOT_INSTALLED
        yield error(TOPIC, refusal.detail, REPAIR if missing else HOW)
        return
    until = f"expires on {identity.not_after:%Y-%m-%d}"
    if identity.origin is Origin.DEVELOPMENT:
        text = (
            f"The local development authority signs results ({until}, renewed by itself); other "
            "people's software will call it untrusted."
        )
        if settings.PROFILE in GUARDED_PROFILES:
            yield warning(TOPIC, text, CONFIGURE)
        else:
            yield ok(TOPIC, f"{text} {CONFIGURE}")
        return
    text = f"The operator's key signs results: {identity.holder}, {identity.algorithm}, {until}."
    if identity.not_after - now < RENEW_SOON:
        yield warning(TOPIC, text, "Renew the certificate of OMNILENS_C2PA_CERTIFICATES.")
    else:
        yield ok(TOPIC, text)
