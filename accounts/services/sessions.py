"""Sessions of a person: list and end them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import sessions as store
from accounts.models import BrowserSession, User


def describe_session(*, session: SessionBase, client: str, now: datetime | None = None) -> None:
    """Note in a fresh session what its owner will recognise it by."""
    session[store.CLIENT_KEY] = client[:200]
    session[store.SIGNED_IN_AT_KEY] = (now or timezone.now()).isoformat()


def list_sessions(*, user: User, now: datetime | None = None) -> QuerySet[BrowserSession]:
    """The live sessions of `user`, newest first."""
    alive = BrowserSession.objects.visible_to(user).filter(expire_date__gt=now or timezone.now())
    return alive.order_by("-signed_in_at", "session_key")


def end_sessions(*, user: User, handle: UUID | None = None, except_key: str | None = None) -> int:
    """End all sessions of `user`, or the one with `handle`; never `except_key`. How many."""
    rows = BrowserSession.objects.filter(user=user)
    if handle is not None:
        rows = rows.filter(handle=handle)
    if except_key is not None:
        rows = rows.exclude(session_key=except_key)
    keys = list(rows.values_list("session_key", flat=True))
    BrowserSession.objects.filter(session_key__in=keys).delete()
    transaction.on_commit(lambda: _forget(keys))
    return len(keys)


def _forget(keys: list[str]) -> None:
    for key in keys:
        store.forget(key)
