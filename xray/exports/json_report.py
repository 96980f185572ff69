"""`report.json`: the envelope in its canonical form, with a seal over its digest.

The seal is an HMAC-SHA256 under a key of this installation. It tells a reader here that the
envelope left this installation as it is; it is no signature that others could verify.
"""

from __future__ import annotations

import hmac
import json
from enum import StrEnum
from hashlib import sha256
from typing import Any

from xray.exports.keys import report_keys
from xray.reports.envelope import Envelope, canonical, digest

MEMBER = "signature"
ALGORITHM = "HMAC-SHA256"


class Verdict(StrEnum):
    """What a look at a file can find."""

    GENUINE = "genuine"
    NO_REPORT = "no_report"
    """Not JSON, or without envelope or seal."""
    CHANGED = "changed"
    """The envelope is not the one that the digest names."""
    UNKNOWN_KEY = "unknown_key"
    """Sealed elsewhere, forged, or under a key that this installation no longer has."""


def as_json(envelope: Envelope) -> bytes:
    """The members of the envelope and `signature`, sorted, without spaces, UTF-8."""
    found = digest(envelope)
    key = report_keys()[0]
    seal = {
        "algorithm": ALGORITHM,
        "digest": found,
        "key": _name(key),
        "value": _seal(found, key),
    }
    return canonical({**envelope, "signature": seal})  # type: ignore[typeddict-unknown-key]


def verify(content: bytes) -> Verdict:
    """Whether `content` is a report of this installation, unchanged."""
    try:
        told = json.loads(content, object_pairs_hook=_without_doubles, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return Verdict.NO_REPORT
    if not isinstance(told, dict) or not isinstance(seal := told.pop(MEMBER, None), dict):
        return Verdict.NO_REPORT
    if not told or seal.get("algorithm") != ALGORITHM:
        return Verdict.NO_REPORT
    try:
        found = digest(told)  # type: ignore[arg-type]
    except UnicodeEncodeError:  # a lone surrogate: JSON may say it, UTF-8 cannot
        return Verdict.NO_REPORT
    if found != seal.get("digest"):
        return Verdict.CHANGED
    value = str(seal.get("value")).encode(errors="replace")
    if any(hmac.compare_digest(_seal(found, key).encode(), value) for key in report_keys()):
        return Verdict.GENUINE
    return Verdict.UNKNOWN_KEY


def digest_of(content: bytes) -> str:
    """The digest that a verified file names."""
    return str(json.loads(content)[MEMBER]["digest"])


def _seal(found: str, key: bytes) -> str:
    return hmac.new(key, f"xray.report:{found}".encode(), "sha256").hexdigest()


def _name(key: bytes) -> str:
    """A short name that tells keys apart and says nothing of them."""
    return sha256(b"name:" + key).hexdigest()[:12]


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Two readers may take two values of one name: then there is not one report to verify.
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name occurs twice")
    return members


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
