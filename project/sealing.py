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


def _box(purpose: str) -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(key, purpose)) for key in keys])


def _key(secret_key: str, purpose: str) -> bytes:
    # SECRET_KEY has full entropy, so one hash with a label of its own derives a key from it.
    return base64.urlsafe_b64encode(sha256(f"omnilens:{purpose}:{secret_key}".encode()).digest())
