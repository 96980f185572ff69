"""What a periodic task does for accounts."""

from __future__ import annotations

from datetime import datetime

from accounts.privacy import finish_erasures
from accounts.services.families import delete_expired_families
from accounts.sessions import SessionStore


def tidy_accounts(*, now: datetime | None = None) -> dict[str, int]:
    """Delete expired sessions and token families, finish erasures; how many of each."""
    SessionStore.clear_expired()
    finished = [receipt for receipt in finish_erasures(now=now) if receipt.finished_at]
    return {"token_families": delete_expired_families(now=now), "erasures": len(finished)}
