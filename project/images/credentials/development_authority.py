"""A certificate authority of this installation alone, for when the operator has configured none.

Two private files under `OMNILENS_VAR/content_credentials`: `authority.pem` holds the authority's
certificate and key, `signer.pem` the signing certificate and key that it issued. Both are made
once; the signer is renewed before it expires. Other people's software calls it untrusted, rightly:
anybody can make one.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from project.images.credentials.errors import CannotSign, CannotSignCode
from project.images.credentials.identity import Identity, Origin, identity_of

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from project.images.credentials.keys import PrivateKey

FOLDER = "content_credentials"
AUTHORITY = "authority.pem"
SIGNER = "signer.pem"
OPEN_TO_OTHERS = 0o077
_LOCK = ".lock"


def folder_of(var: Path) -> Path:
    """Where the authority of a data directory lives."""
    return var / FOLDER


def development_identity(*, now: datetime, var: Path | None = None) -> Identity:
    """The authority's signer, made or renewed when due. Raises CannotSign."""
    folder = folder_of(var or settings.VAR_DIR)
    try:
        identity = _load(folder / SIGNER, now)
        if identity is None:
            with _locked(folder):
                # Somebody else may have made it while we waited.
                identity = _load(folder / SIGNER, now) or _issue(folder, now)
    except OSError as error:
        raise CannotSign(
            CannotSignCode.AUTHORITY_UNWRITABLE,
            f"The development authority in {folder} cannot be read or made: {error.strerror}.",
        ) from None
    return identity


def _load(path: Path, now: datetime) -> Identity | None:
    """The signer of the file; None when there is none yet, or when it is due for renewal."""
    from project.images.credentials.issuing import is_due

    found = _read(path)
    if found is None:
        return None
    key, certificates = found
    if is_due(certificates[0], now):
        return None
    return identity_of(key, certificates, origin=Origin.DEVELOPMENT, now=now)


def _issue(folder: Path, now: datetime) -> Identity:
    from project.images.credentials import issuing

    found = _read(folder / AUTHORITY)
    if found is None or issuing.authority_is_due(found[1][0], now):
        found = issuing.make_authority(now)
        _write(folder / AUTHORITY, issuing.to_pem(*found))
    authority_key, certificates = found
    key, chain = issuing.make_signer(authority_key, certificates[0], now)
    _write(folder / SIGNER, issuing.to_pem(key, chain))
    return identity_of(key, chain, origin=Origin.DEVELOPMENT, now=now)


def _read(path: Path) -> tuple[PrivateKey, list[Certificate]] | None:
    """Key and certificates of one of our files; None when there is none. Raises CannotSign."""
    from project.images.credentials.keys import load_certificates, load_key

    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    if path.stat().st_mode & OPEN_TO_OTHERS:  # restored from a backup, perhaps
        path.chmod(0o600)
    try:
        return load_key(content), load_certificates(content)
    except CannotSign as refusal:
        raise CannotSign(
            CannotSignCode.AUTHORITY_DAMAGED,
            f"{path} is damaged ({refusal.code}). Restore it from a backup, or remove the folder "
            f"{path.parent}: a new authority is made with the next picture.",
        ) from None


def _write(path: Path, content: bytes) -> None:
    """Replace the file at once: a reader sees the old one or the new one, whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process, and one thread of it, makes or renews; the others wait for the result."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_mode & OPEN_TO_OTHERS:
        folder.chmod(0o700)
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # ends the lock
