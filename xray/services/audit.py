"""Write and verify the audit trail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from xray.models import AuditEvent

if TYPE_CHECKING:
    from accounts.models import User

VIEWED = "study.viewed"
ONE_VIEW = timedelta(minutes=15)
# Of this trail alone among the advisory locks of the database.
LOCK = 0x78_72_61_79


@dataclass(frozen=True, kw_only=True)
class Broken:
    """The first row that does not fit."""

    id: int
    reason: str


def record(
    *,
    action: str,
    actor: User | None = None,
    address: str | None = None,
    study: UUID | None = None,
    object: str = "",
    before: str = "",
    after: str = "",
    details: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> AuditEvent:
    """Append one event. `details` holds codes and numbers, never words of a report or a person.

    Writers stand in line (see _stand_in_line), so `previous`, which is unique, is a guard that
    never has to speak. Call it last in a transaction: the line is held until that commits.
    """
    with transaction.atomic():
        _stand_in_line()
        last = AuditEvent.objects.order_by("-id").values_list("digest", flat=True).first()
        event = AuditEvent(
            at=now or timezone.now(),
            actor_id=None if actor is None else actor.pk,
            address=address or None,
            action=action,
            study=study,
            object=object,
            before=before,
            after=after,
            details=dict(details or {}),
            previous=last or "",
        )
        event.digest = digest_of(event)
        event.save(force_insert=True)
    return event


def record_view(
    *, study: UUID, actor: User, address: str | None = None, now: datetime | None = None
) -> AuditEvent | None:
    """Note that a person read a study; None when that was noted a little before.

    A page that asks again and again is one reading every quarter of an hour.
    """
    now = now or timezone.now()
    seen = AuditEvent.objects.filter(
        action=VIEWED, study=study, actor_id=actor.pk, at__gt=now - ONE_VIEW
    )
    if seen.exists():
        return None
    return record(action=VIEWED, actor=actor, address=address, study=study, now=now)


def _stand_in_line() -> None:
    """One writer at a time, until the transaction ends.

    SQLite transactions are IMMEDIATE here: they have one writer anyway. On PostgreSQL two could
    read the same last row; the unique column would refuse one of them, who of fifty would have
    to try up to fifty times.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def digest_of(event: AuditEvent) -> str:
    """sha256 over everything in the row but its id and digest."""
    told = {
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor_id,
        "address": event.address or "",
        "action": event.action,
        "study": str(event.study) if event.study else "",
        "object": event.object,
        "before": event.before,
        "after": event.after,
        "details": event.details,
        "previous": event.previous,
    }
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def verify_chain() -> Broken | None:
    """The first event that was changed, taken out or put in; None when the chain is whole.

    Rows cut off at the end leave no trace in the rows themselves: compare the last digest with a
    copy kept elsewhere (`manage.py xray_audit_verify` prints it).
    """
    previous = ""
    for event in AuditEvent.objects.order_by("id").iterator():
        if event.previous != previous:
            return Broken(id=event.pk, reason="the row before it is missing or was changed")
        if event.digest != digest_of(event):
            return Broken(id=event.pk, reason="its content was changed")
        previous = event.digest
    return None
