"""Originals, kept only where the operator asks for it (OMNILENS_XRAY_KEEP_ORIGINAL), encrypted.

AES-256-GCM with a key of its own derived from SECRET_KEY; the storage key is authenticated with
the content, so that one file cannot stand in for another.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from project.images import storage
from project.sealing import CannotUnseal, derived_keys

_PURPOSE = "xray-original"
_MAGIC = b"OXO1"
_NONCE_BYTES = 12


def is_kept() -> bool:
    """Whether the operator wants originals kept."""
    return bool(settings.XRAY_KEEP_ORIGINAL)


def keep_original(content: bytes) -> str:
    """Store the bytes as they were sent, encrypted; returns the storage key."""
    key = storage.new_upload_key("sealed")
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(derived_keys(_PURPOSE)[0]).encrypt(nonce, content, key.encode())
    storage.put(key, _MAGIC + nonce + sealed)
    return key


def open_original(key: str) -> bytes:
    """What `keep_original` was given.

    Raises FileNotFoundError, or CannotUnseal when the secret changed or the file was altered.
    """
    body = storage.read(key)
    nonce, sealed = body[len(_MAGIC) :][:_NONCE_BYTES], body[len(_MAGIC) + _NONCE_BYTES :]
    if body.startswith(_MAGIC) and len(nonce) == _NONCE_BYTES:
        for secret in derived_keys(_PURPOSE):
            try:
                return AESGCM(secret).decrypt(nonce, sealed, key.encode())
            except InvalidTag:
                continue  # sealed with another secret, perhaps
    raise CannotUnseal(_PURPOSE)
