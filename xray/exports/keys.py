"""The secrets of this installation that exports use: for the seal of a report and for UIDs.

Both come from SECRET_KEY under labels of their own; SECRET_KEY_FALLBACKS still verify what was
sealed before a change of key.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from uuid import UUID

from django.conf import settings

_REPORT = "xray.report"
_UID = "xray.uid"


def report_keys() -> list[bytes]:
    """The keys that seal and verify reports; the first one seals."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [_derive(secret, _REPORT) for secret in secrets]


def uid(*parts: str) -> str:
    """A DICOM UID below 2.25: the same parts give the same one, and without the secret nobody
    can tell which study it belongs to."""
    message = "\x1f".join(parts).encode()
    seed = hmac.digest(_derive(settings.SECRET_KEY, _UID), message, "sha256")
    return f"2.25.{UUID(bytes=seed[:16], version=5).int}"


def uuid(*parts: str) -> str:
    """The same as a UUID, for FHIR."""
    return str(UUID(int=int(uid(*parts).rpartition(".")[2])))


def _derive(secret: str, purpose: str) -> bytes:
    # SECRET_KEY has full entropy, so one hash with a label of its own derives a key from it.
    return sha256(f"omnilens:{purpose}:{secret}".encode()).digest()
