"""What a log may keep of a foreign answer."""

from __future__ import annotations

from project.log_redaction import MASK, redact

EXCERPT_CHARACTERS = 200


def excerpt(body: bytes, *, secret: str = "") -> str:
    """The first 200 characters on one line, without `secret` and what looks like one."""
    text = body.decode("utf-8", "replace")
    if secret:
        text = text.replace(secret, MASK)
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return redact(" ".join(plain.split()))[:EXCERPT_CHARACTERS]
