"""Lines that would only be noise."""

from __future__ import annotations

import logging

PROBES = frozenset(
    {"/readyz", "/healthz", "/health", "/health/", "/health/ready", "/health/ready/"}
)


class ProbeFilter(logging.Filter):
    """Drops Django's "Service Unavailable" of the health probes.

    The checks log why they are red; a probe four times a second would bury that reason.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is kept."""
        path = getattr(getattr(record, "request", None), "path", "")
        return not (getattr(record, "status_code", None) == 503 and path in PROBES)
