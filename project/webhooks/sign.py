"""The signature of a webhook: HMAC-SHA256 over the time and the exact bytes of the body.

docs/api/webhooks.md shows receivers how to verify it; a test runs those samples.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import datetime

HEADER = "Omnilens-Signature"
EVENT_HEADER = "Omnilens-Event"


def signature_header(*, body: bytes, secrets: Iterable[str], at: datetime) -> str:
    """`t=<unix seconds>,v1=<hex>`, with one `v1` for each valid secret, the newest first.

    The signed bytes are the time in decimal, a dot, and the body.
    """
    seconds = int(at.timestamp())
    signed = f"{seconds}.".encode("ascii") + body
    marks = [f"v1={hmac.new(secret.encode(), signed, 'sha256').hexdigest()}" for secret in secrets]
    return ",".join([f"t={seconds}", *marks])
