"""When somebody's right to watch may have ended, their open connections check at once.

Accounts knows nothing of sockets; its rows tell. A missed signal costs at most one ping.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from accounts.models import ApiToken, BrowserSession, User
from project.realtime.publisher import ask_to_recheck

HARMLESS_FIELDS = frozenset({"last_login", "last_used_at", "language"})


def connect_signals() -> None:
    """Called once by `RealtimeConfig.ready()`."""
    post_save.connect(_user_saved, sender=User, dispatch_uid="feed-user-saved")
    post_delete.connect(_user_deleted, sender=User, dispatch_uid="feed-user-deleted")
    post_save.connect(_token_changed, sender=ApiToken, dispatch_uid="feed-token-saved")
    post_delete.connect(_token_changed, sender=ApiToken, dispatch_uid="feed-token-deleted")
    post_delete.connect(_session_ended, sender=BrowserSession, dispatch_uid="feed-session-ended")


def _user_saved(
    sender: type[User], instance: User, *, created: bool, update_fields: Any = None, **_: Any
) -> None:
    del sender
    if not created and not (update_fields and HARMLESS_FIELDS.issuperset(update_fields)):
        _after_commit(instance.pk)


def _user_deleted(sender: type[User], instance: User, **_: Any) -> None:
    del sender
    _after_commit(instance.pk)


def _token_changed(
    sender: type[ApiToken],
    instance: ApiToken,
    *,
    created: bool = False,
    update_fields: Any = None,
    **_: Any,
) -> None:
    del sender
    if not created and not (update_fields and HARMLESS_FIELDS.issuperset(update_fields)):
        _after_commit(instance.owner_id)


def _session_ended(sender: type[BrowserSession], instance: BrowserSession, **_: Any) -> None:
    del sender
    if instance.user_id is not None:
        _after_commit(instance.user_id)


def _after_commit(user_id: int) -> None:
    transaction.on_commit(lambda: ask_to_recheck(user_id), robust=True)
