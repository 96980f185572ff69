"""What `up` does before the first process starts."""

import threading
import time

import pytest
from django.db import connection

from project.supervisor import prepare

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite has one machine: make test-services"
    ),
]


def someone_waits():
    """Whether PostgreSQL knows of someone who wants the lock in vain."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
            " AND objid = %s",
            [prepare.ADVISORY_LOCK],
        )
        return cursor.fetchone()[0] > 0


def test_two_machines_that_start_together_prepare_the_database_in_turn():
    order, inside = [], threading.Event()

    def other_machine():
        inside.wait(60)
        try:
            prepare.migrate(lambda: order.append("second"))
        finally:
            connection.close()

    thread = threading.Thread(target=other_machine)
    thread.start()

    def first_accounts():
        inside.set()
        end = time.monotonic() + 60
        while not someone_waits():
            assert thread.is_alive(), "it did not wait for us"
            assert time.monotonic() < end
            time.sleep(0.01)
        order.append("first")

    prepare.migrate(first_accounts)
    thread.join(60)
    assert order == ["first", "second"]
