"""Why a picture could not be signed or read. No message holds key material."""

from __future__ import annotations

import enum


class CannotSignCode(enum.StrEnum):
    """Stable reasons; the caller shows that the result carries the IPTC mark only."""

    NOT_INSTALLED = "not_installed"
    KEY_MISSING = "key_missing"
    KEY_UNREADABLE = "key_unreadable"
    KEY_ENCRYPTED = "key_encrypted"
    KEY_UNSUPPORTED = "key_unsupported"
    KEY_MISMATCH = "key_mismatch"
    CERTIFICATE_MISSING = "certificate_missing"
    CERTIFICATE_UNREADABLE = "certificate_unreadable"
    CERTIFICATE_UNFIT = "certificate_unfit"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_NOT_YET_VALID = "certificate_not_yet_valid"
    AUTHORITY_UNWRITABLE = "authority_unwritable"
    AUTHORITY_DAMAGED = "authority_damaged"
    FORMAT_UNSUPPORTED = "format_unsupported"
    SIGNING_FAILED = "signing_failed"


class CannotSign(Exception):
    """The picture stays unsigned. `code` is stable, `detail` is a sentence for the operator."""

    def __init__(self, code: CannotSignCode, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class CannotRead(Exception):
    """Nothing can be said about the file: `not_installed`, `format_unsupported`, `elsewhere`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
