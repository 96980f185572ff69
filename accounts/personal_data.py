"""What accounts itself knows about a person: exported and erased like any room's data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, BrowserSession, PrivacyReceipt, TokenFamily, User
from accounts.privacy.registry import Content, register_eraser, register_exporter
from accounts.services.sessions import end_sessions

ERASED = "erased"


def register_all() -> None:
    """Called once, when the app is ready."""
    register_exporter("account", export_account)
    register_eraser(
        "account",
        erase_account,
        words={
            "accounts": _("Account"),
            "tokens": _("API tokens"),
            "sessions": _("Browser sign-ins"),
            "token_families": _("Program sign-ins"),
        },
    )


def export_account(user: User) -> Iterator[tuple[str, Content]]:
    """Profile, roles, tokens, sessions and receipts; never a secret or its digest."""
    profile = _rows(User.objects.filter(pk=user.pk), without={"password"})[0]
    profile["roles"] = [role.code for role in user.roles.all()]
    yield "account/profile.json", profile
    yield "account/tokens.json", _rows(user.tokens.all(), without={"digest"})
    yield (
        "account/sign_ins.json",
        {
            "sessions": _rows(
                BrowserSession.objects.filter(user=user), without={"session_key", "session_data"}
            ),
            "token_families": _rows(TokenFamily.objects.filter(user=user), without={"current_jti"}),
        },
    )
    yield (
        "account/receipts.json",
        _rows(PrivacyReceipt.objects.filter(owner=user), without={"pending_files"}),
    )
    yield "account/admin_actions.json", _rows(LogEntry.objects.filter(user=user), without=set())


def erase_account(user: User) -> dict[str, int]:
    """Credentials, sessions and traces in the admin's log; the row itself goes last."""
    tokens = list(ApiToken.objects.filter(owner=user).values_list("pk", flat=True))
    scrub_admin_log(User, [user.pk])
    scrub_admin_log(ApiToken, tokens)
    counts = {
        "tokens": len(tokens),
        "sessions": end_sessions(user=user),
        "token_families": TokenFamily.objects.filter(user=user).delete()[0],
        "accounts": 1,
    }
    ApiToken.objects.filter(pk__in=tokens).delete()
    return counts


def scrub_admin_log(model: type[Model], primary_keys: list[Any]) -> int:
    """Take names and messages about these objects out of the admin's log; how many entries."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model),
        object_id__in=[str(key) for key in primary_keys],
    )
    return entries.update(object_repr=ERASED, change_message="")


def _rows(rows: QuerySet[Any], *, without: set[str]) -> list[dict[str, Any]]:
    """Every column but those named; primary keys as strings."""
    names = [f.attname for f in rows.model._meta.concrete_fields if f.name not in without]
    return list(rows.order_by("pk").values(*names))
