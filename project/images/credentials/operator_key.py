"""The operator's certificate and key, as the settings name them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings

from project.images.credentials.errors import CannotSign, CannotSignCode
from project.images.credentials.identity import Identity, Origin, identity_of, to_pem

CERTIFICATES = "OMNILENS_C2PA_CERTIFICATES"
KEY = "OMNILENS_C2PA_KEY"  # a name, not a key


def is_configured() -> bool:
    """Whether the operator named a certificate or a key; half of it is a mistake, not a no."""
    return bool(settings.C2PA_CERTIFICATES or settings.C2PA_KEY)


def missing_half() -> CannotSign | None:
    """The refusal for a key without a certificate, or the other way round."""
    if not is_configured() or (settings.C2PA_CERTIFICATES and settings.C2PA_KEY):
        return None
    if settings.C2PA_KEY:
        return CannotSign(
            CannotSignCode.CERTIFICATE_MISSING, f"{KEY} is set, but {CERTIFICATES} is not."
        )
    return CannotSign(CannotSignCode.KEY_MISSING, f"{CERTIFICATES} is set, but {KEY} is not.")


def operator_identity(*, now: datetime) -> Identity:
    """Read and judge what the settings name. Raises CannotSign.

    Read anew for every picture: a renewed certificate counts without a restart, and the key is
    not kept in memory.
    """
    from project.images.credentials.keys import load_certificates, load_key

    refusal = missing_half()
    if refusal is not None:
        raise refusal
    key = _text(settings.C2PA_KEY, KEY, CannotSignCode.KEY_UNREADABLE)
    return identity_of(load_key(key), load_certificates(_chain()), origin=Origin.OPERATOR, now=now)


def operator_anchors() -> str:
    """The authorities above the operator's certificate, as PEM; none without one.

    Reading needs no private key. The development authority is no anchor: nobody else would
    believe it, so neither do we. Raises CannotSign.
    """
    from project.images.credentials.keys import load_certificates

    if not settings.C2PA_CERTIFICATES:
        return ""
    return to_pem(load_certificates(_chain())[1:])


def _chain() -> bytes:
    return _text(settings.C2PA_CERTIFICATES, CERTIFICATES, CannotSignCode.CERTIFICATE_UNREADABLE)


def _text(source: Path | str | None, name: str, code: CannotSignCode) -> bytes:
    if not isinstance(source, Path):
        return (source or "").encode()
    try:
        return source.read_bytes()
    except OSError as error:
        raise CannotSign(
            code, f"{name} names {source}, which cannot be read: {error.strerror}."
        ) from None
