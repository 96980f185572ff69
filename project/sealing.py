"""Secrets that have to be used again, unreadable in a copy of the database.

The key comes from SECRET_KEY; SECRET_KEY_FALLBACKS still open what was sealed before.
"""

from __future__ import annotations

import base64
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class CannotUnseal(Exception):
    """The text was sealed with a key that this installation no longer has."""


def seal(text: str, *, purpose: str) -> str:
    """`text`, encrypted and authenticated; only the same `purpose` opens it."""
    return _box(purpose).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str, *, purpose: str) -> str:
    """What was sealed. Raises CannotUnseal."""
    try:
        return _box(purpose).decrypt(sealed.encode("ascii")).decode()
    except InvalidToken as error:
        raise CannotUnseal(purpose) from error


def derived_keys(purpose: str) -> list[bytes]:
    """Keys of 32 bytes for one purpose: today's first, then those of SECRET_KEY_FALLBACKS."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [_digest(secret, purpose) for secret in secrets]


def derived_key(purpose: str) -> bytes:
    """Today's key for one purpose, for keyed hashes."""
    return derived_keys(purpose)[0]


def _box(purpose: str) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived_keys(purpose)])


def _digest(secret_key: str, purpose: str) -> bytes:
    # SECRET_KEY has full entropy, so one hash with a label of its own derives a key from it.
    return sha256(f"omnilens:{purpose}:{secret_key}".encode()).digest()
