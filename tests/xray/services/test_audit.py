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

from accounts.privacy import erase_user
from project.uuid7 import uuid7
from tests.factories import UserFactory
from tests.xray.factories import make_study
from xray.models import AuditEvent, AuditKey
from xray.models.audit import AppendOnly
from xray.services.audit import (
    FORGOT,
    ONE_VIEW,
    ChainBroken,
    digest_of,
    forget_addresses,
    record,
    record_view,
    verify_chain,
)

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


HOME, CLINIC = "192.0.2.77", "198.51.100.4"


def test_no_address_of_a_person_stays_in_the_audit_trail_after_erasure(db, settings):
    person = UserFactory(username="zanzibarmarker")
    rows = [record(action="study.viewed", actor=person, address=a) for a in (HOME, CLINIC, HOME)]
    assert rows[0].origin == rows[2].origin != rows[1].origin, "places are told apart"
    erase_user(person)
    kept = str(list(AuditEvent.objects.values()))
    assert HOME not in kept and CLINIC not in kept and "zanzibarmarker" not in kept
    assert not AuditKey.objects.exists(), "so nobody can try the addresses one by one"
    assert verify_chain() is None


def test_the_same_address_of_two_people_is_no_link_between_them(user, stranger):
    origins = {
        record(action="study.viewed", actor=one, address=HOME).origin for one in (user, stranger)
    }
    assert len(origins) == 2


@pytest.fixture
def old_trail(user):
    """As it was written when addresses were kept, between events of today."""
    record(action="study.received", actor=user, address=HOME)
    for action in ("study.viewed", "report.downloaded"):
        last = AuditEvent.objects.latest("id")
        event = AuditEvent(
            at=timezone.now(),
            actor=user,
            address=CLINIC,
            action=action,
            details={},
            previous=last.digest,
        )
        event.digest = digest_of(event)
        event.save(force_insert=True)
    record(action="study.viewed", actor=user)
    return list(AuditEvent.objects.order_by("id"))


def test_old_addresses_are_forgotten_and_the_chain_stays_whole(old_trail):
    out = io.StringIO()
    call_command("xray_audit_forget_addresses", stdout=out)
    assert out.getvalue() == "events 2\n"
    assert not AuditEvent.objects.filter(address__isnull=False).exists()
    assert AuditEvent.objects.latest("id").action == FORGOT
    assert verify_chain() is None
    call_command("xray_audit_verify", expect=old_trail[-1].digest, stdout=io.StringIO())
    assert forget_addresses() == 0, "there is nothing left, so nothing is noted"
    if connection.vendor == IS_POSTGRESQL:
        with pytest.raises(DatabaseError, match="do not change"), transaction.atomic():
            meddle("DELETE FROM xray_auditevent")


def test_what_is_left_of_an_old_event_is_still_sealed(old_trail):
    forget_addresses()
    if connection.vendor == IS_POSTGRESQL:
        meddle("ALTER TABLE xray_auditevent DISABLE TRIGGER xray_audit_keep")
    changed = old_trail[2].pk
    QuerySet(AuditEvent).filter(pk=changed).update(action="study.corrected")
    assert verify_chain() is not None
    # Whoever has only the database cannot seal that anew.
    with transaction.atomic():
        record(action=FORGOT, details={"count": 2, "seal": "0" * 64})
    assert verify_chain() is not None


def test_a_trail_that_was_changed_is_not_made_whole_by_forgetting(old_trail):
    if connection.vendor == IS_POSTGRESQL:
        meddle("ALTER TABLE xray_auditevent DISABLE TRIGGER xray_audit_keep")
    QuerySet(AuditEvent).filter(pk=old_trail[1].pk).update(action="study.corrected")
    with pytest.raises(ChainBroken):
        forget_addresses()
    assert AuditEvent.objects.filter(address=CLINIC).count() == 2


def test_a_pages_visit_leaves_no_address_in_any_row(user, client):
    study = make_study(user)
    client.force_login(user)
    assert client.get(study.get_absolute_url(), REMOTE_ADDR=HOME).status_code == 200
    seen = AuditEvent.objects.get(action="study.viewed", study=study.pk)
    assert seen.origin and HOME not in str(list(AuditEvent.objects.values()))
