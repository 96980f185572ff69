"""Under which IP address the world sees this machine: told by the operator, or found out."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

from project.outbound.call import Answer, Limits
from project.outbound.errors import OutboundError
from project.outbound.policy import OutboundPolicy

logger = logging.getLogger(__name__)

# The operator names these hosts, so that any address will do.
OPERATORS_HOST = OutboundPolicy(schemes=frozenset({"http", "https"}), any_address=True)
LIMITS = Limits(seconds=10.0, answer_bytes=4096)


def discover_ip(services: Iterable[str], *, send: Callable[..., Answer]) -> str | None:
    """Ask each service in turn; the first address, or None.

    A service answers 200 with the address as plain text, or as JSON with a member `ip`.
    """
    for url in services:
        origin = "?"
        try:
            origin = OPERATORS_HOST.check(url).origin
            answer = send("GET", url, policy=OPERATORS_HOST, limits=LIMITS)
            found = _address_in(answer)
        except OutboundError as error:
            logger.warning("%s does not tell our address: %s", origin, error.code)
            continue
        if found is not None:
            return found
        logger.warning("%s does not tell our address: status %d", origin, answer.status)
    return None


def _address_in(answer: Answer) -> str | None:
    if not answer.is_success:
        return None
    text = answer.body.decode("utf-8", "replace").strip()
    try:
        parsed: Any = json.loads(text)
    except ValueError:
        parsed = text
    told = parsed.get("ip") if isinstance(parsed, dict) else text
    try:
        return str(ip_address(str(told).strip().strip('"')))
    except ValueError:
        return None
