"""The trail of audit events is a chain: what is done to a row afterwards shows."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.models import QuerySet
from django.utils import timezone

from project.uuid7 import uuid7
from xray.models import AuditEvent
from xray.models.audit import AppendOnly
from xray.services.audit import ONE_VIEW, digest_of, record, record_view, verify_chain

pytestmark = [pytest.mark.services, pytest.mark.django_db]


IS_POSTGRESQL = "postgresql"


@pytest.fixture
def trail(user):
    if connection.vendor == IS_POSTGRESQL:
        # As whoever owns the database could; the chain has to tell without the trigger, too.
        meddle("ALTER TABLE xray_auditevent DISABLE TRIGGER xray_audit_keep")
    return [
        record(action="study.received", actor=user, study=uuid7(), details={"number": n})
        for n in range(4)
    ]


def meddle(sql, *values):
    """As somebody with the database in hand."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def verified():
    out = io.StringIO()
    call_command("xray_audit_verify", stdout=out)
    return out.getvalue()


def test_an_untouched_chain_is_whole_and_its_last_digest_is_printed(trail):
    assert verify_chain() is None
    assert verified() == f"events 4\nlast {trail[-1].digest}\n"


def test_an_empty_trail_is_whole(db):
    assert verified() == "events 0\nlast -\n"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("action", "study.viewed"),
        ("actor_id", 999),
        ("details", {"number": 7}),
        ("address", "192.0.2.1"),
        ("at", datetime(2001, 1, 1, tzinfo=UTC)),
        ("after", "0" * 64),
    ],
)
def test_an_edited_audit_row_breaks_the_chain(trail, column, value):
    QuerySet(AuditEvent).filter(pk=trail[1].pk).update(**{column: value})
    broken = verify_chain()
    assert broken is not None
    assert broken.id == trail[1].pk
    with pytest.raises(CommandError, match=str(trail[1].pk)):
        verified()


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_removed_audit_row_breaks_the_chain(trail, index):
    meddle("DELETE FROM xray_auditevent WHERE id = %s", trail[index].pk)
    broken = verify_chain()
    assert broken is not None
    assert broken.id == trail[index + 1].pk


def test_rows_cut_off_at_the_end_are_missed_by_a_digest_that_was_kept(trail):
    kept = trail[-1].digest
    call_command("xray_audit_verify", expect=kept, stdout=io.StringIO())
    meddle("DELETE FROM xray_auditevent WHERE id >= %s", trail[2].pk)
    assert verify_chain() is None
    with pytest.raises(CommandError, match="cut off"):
        call_command("xray_audit_verify", expect=kept, stdout=io.StringIO())


def test_an_inserted_audit_row_breaks_the_chain(trail):
    forged = AuditEvent(
        at=timezone.now(), action="study.viewed", previous=trail[0].digest, details={}
    )
    forged.digest = digest_of(forged)
    with pytest.raises(IntegrityError), transaction.atomic():
        forged.save(force_insert=True)
    forged.previous = "1" * 64
    forged.digest = digest_of(forged)
    forged.save(force_insert=True)
    broken = verify_chain()
    assert broken is not None
    assert broken.id == forged.pk


def test_the_application_itself_cannot_change_or_remove_an_event(trail):
    row = AuditEvent.objects.get(pk=trail[0].pk)
    for act in (
        row.save,
        row.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.filter(pk=row.pk).update(action="x"),
    ):
        with pytest.raises(AppendOnly):
            act()
    assert verify_chain() is None


@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_make_no_fork(user):
    """Both wait for each other, then write ten events each."""
    ready = threading.Barrier(2)

    def write(number):
        try:
            ready.wait()
            return [record(action="study.viewed", actor=user) for _ in range(number)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(write, [10, 10]))
    assert AuditEvent.objects.count() == 20
    assert verify_chain() is None


def test_postgresql_itself_refuses_to_change_or_remove_an_event(user):
    if connection.vendor != IS_POSTGRESQL:
        pytest.skip("SQLite has no such trigger; make test-services runs this")
    row = record(action="study.received", actor=user)
    for act in (
        lambda: QuerySet(AuditEvent).filter(pk=row.pk).update(action="x"),
        lambda: meddle("DELETE FROM xray_auditevent"),
    ):
        with pytest.raises(DatabaseError, match="do not change"), transaction.atomic():
            act()


def test_reading_again_within_a_quarter_of_an_hour_is_one_view(user, stranger):
    study, now = uuid7(), timezone.now()
    assert record_view(study=study, actor=user, now=now)
    assert record_view(study=study, actor=user, now=now + timedelta(minutes=1)) is None
    assert record_view(study=study, actor=stranger, now=now)
    assert record_view(study=uuid7(), actor=user, now=now)
    assert record_view(study=study, actor=user, now=now + ONE_VIEW)
    assert AuditEvent.objects.count() == 4
