"""Whose key signs now: the operator's, else the local development authority's."""

from __future__ import annotations

from datetime import UTC, datetime

from project.images.credentials import operator_key, sdk
from project.images.credentials.errors import CannotSign, CannotSignCode
from project.images.credentials.identity import Identity


def current_identity(*, now: datetime | None = None) -> Identity:
    """The identity that signs. Raises CannotSign; never falls back from a broken operator's key
    to the development authority: that would change the signer without anybody noticing."""
    if not sdk.is_installed():
        raise CannotSign(
            CannotSignCode.NOT_INSTALLED,
            "The packages c2pa-python and cryptography (requirements/ml.txt) are not installed.",
        )
    now = now or datetime.now(UTC)
    if operator_key.is_configured():
        return operator_key.operator_identity(now=now)
    from project.images.credentials.development_authority import development_identity

    return development_identity(now=now)
