"""Secrets never reach a log line.

Values of the secret settings are replaced wherever they occur, and so is whatever looks like a
credential: URL passwords, bearer and API tokens, JSON web tokens, `password=...` pairs.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

MASK = "***"
SHORTEST_SECRET = 6  # a shorter value would blank ordinary words

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=://)([^/\s:@]*):([^/\s@]+)@"), rf"\1:{MASK}@"),
    (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
        MASK,
    ),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"), MASK),
    (re.compile(r"\bomni_[\w-]{8,}"), f"omni_{MASK}"),
    (re.compile(r"\bwhsec_[\w-]{8,}"), f"whsec_{MASK}"),
    (re.compile(r"(?i)\b(bearer|token|ticket)([ =:]+)(?!ticket\b)[\w.~+/-]{16,}=*"), rf"\1\2{MASK}"),
    (
        re.compile(r"(?i)([\"']?\b(?:password|passwd|secret|secret_key|api_key)[\"']?\s*[=:]\s*)"
                   r"(\"[^\"]*\"|'[^']*'|[^\s,;&]+)"),
        rf"\1{MASK}",
    ),
)  # fmt: skip


@lru_cache(maxsize=1)
def known_secrets() -> tuple[str, ...]:
    """The secret values of this process's settings, longest first."""
    from project.settings import env

    found: set[str] = set()
    for variable in env.VARIABLES.values():
        if variable.secret:
            value = env.get(variable.name)
            # The path of a key file is no secret.
            found |= _parts(value) if isinstance(value, str) else set()
    from django.conf import settings

    if settings.configured:
        found |= _parts(settings.SECRET_KEY)
    return tuple(sorted((s for s in found if len(s) >= SHORTEST_SECRET), key=len, reverse=True))


def redact(text: str) -> str:
    """`text` with every secret replaced by `***`."""
    for secret in known_secrets():
        text = text.replace(secret, MASK)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class PlainFormatter(logging.Formatter):
    """`time LEVEL logger [request id] message`, redacted as a whole, traceback included."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} [{request_id}] {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        """Render one record."""
        from project.api.request_id import current_request_id

        record.request_id = current_request_id() or "-"
        return redact(super().format(record))


def _parts(value: str) -> set[str]:
    """A URL hides its password, anything else is a secret as a whole."""
    if "://" not in value:
        return {value}
    password = urlsplit(value).password
    return {password, unquote(password)} if password else set()
