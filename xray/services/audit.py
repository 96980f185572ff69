"""Write and verify the audit trail."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from project.sealing import derived_key, derived_keys
from xray.models import AuditEvent, AuditKey

if TYPE_CHECKING:
    from accounts.models import User

VIEWED = "study.viewed"
FORGOT = "trail.addresses_forgotten"
ONE_VIEW = timedelta(minutes=15)
# Of this trail alone among the advisory locks of the database.
LOCK = 0x78_72_61_79


@dataclass(frozen=True, kw_only=True)
class Broken:
    """The first row that does not fit."""

    id: int
    reason: str


class ChainBroken(Exception):
    """The trail is not whole; `broken` says where."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(f"event {broken.id}: {broken.reason}")
        self.broken = broken


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

    The address is not kept: the event gets an origin (see `_origin`).
    Writers stand in line (see _stand_in_line), so `previous`, which is unique, is a guard that
    never has to speak. Call it last in a transaction: the line is held until that commits.
    """
    with transaction.atomic():
        origin = _origin(actor, address)
        _stand_in_line()
        last = AuditEvent.objects.order_by("-id").values_list("digest", flat=True).first()
        event = AuditEvent(
            at=now or timezone.now(),
            actor_id=None if actor is None else actor.pk,
            origin=origin,
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


def _origin(actor: User | None, address: str | None) -> str:
    """16 hex digits: the same for one person at one address, and of no use to anybody else.

    Made with a random key of that person, which is deleted with the account, and a key of this
    installation: then not even trying all addresses tells which one it was.
    """
    if actor is None or not address:
        return ""
    known, _created = AuditKey.objects.get_or_create(user_id=actor.pk)
    told = f"{known.key}:{address}".encode()
    return hmac.new(derived_key("xray.audit.origin"), told, "sha256").hexdigest()[:16]


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
    if event.origin:  # events of before that have none, and their digests stay
        told["origin"] = event.origin
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def forget_addresses() -> int:
    """Take the addresses out of events that still have one; returns of how many.

    Their digests stay, so the chain is unbroken, but no longer cover what is left of the row. The
    event that is appended does: it seals the rest of every such row under a key that is not in
    the database. Raises ChainBroken: what was changed already is not covered up.
    """
    with transaction.atomic():
        _stand_in_line()
        broken = verify_chain()
        if broken is not None:
            raise ChainBroken(broken)
        rows = list(AuditEvent.objects.filter(address__isnull=False).order_by("id"))
        if not rows:
            return 0
        _overwrite_addresses()
        for row in rows:
            row.address = None
        record(
            action=FORGOT,
            details={
                "count": len(rows),
                "seal": _seal([_rest(row) for row in rows], derived_key(FORGOT)),
            },
        )
    return len(rows)


def _overwrite_addresses() -> None:
    """In SQL, past the rows' own refusal and, on PostgreSQL, the trigger of the table."""
    table = AuditEvent._meta.db_table
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_postgresql:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER xray_audit_keep")
        cursor.execute(f"UPDATE {table} SET address = NULL WHERE address IS NOT NULL")  # noqa: S608
        if is_postgresql:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER xray_audit_keep")


def _rest(event: AuditEvent) -> str:
    """What is left of a row without its address, and the digest that it had with it."""
    return f"{event.pk} {event.digest} {digest_of(event)}"


def _seal(rests: list[str], key: bytes) -> str:
    return hmac.new(key, "\n".join(rests).encode(), "sha256").hexdigest()


def verify_chain() -> Broken | None:
    """The first event that was changed, taken out or put in; None when the chain is whole.

    Rows cut off at the end leave no trace in the rows themselves: compare the last digest with a
    copy kept elsewhere (`manage.py xray_audit_verify` prints it).
    """
    previous = ""
    unsealed: list[AuditEvent] = []
    for event in AuditEvent.objects.order_by("id").iterator():
        if event.previous != previous:
            return Broken(id=event.pk, reason="the row before it is missing or was changed")
        if event.digest != digest_of(event):
            unsealed.append(event)  # unless a later event says that its address was taken out
        elif event.action == FORGOT:
            rests = [_rest(row) for row in unsealed]
            seals = (_seal(rests, key) for key in derived_keys(FORGOT))
            if event.details.get("seal") in seals:
                unsealed = []
        previous = event.digest
    return Broken(id=unsealed[0].pk, reason="its content was changed") if unsealed else None
