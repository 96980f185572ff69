"""What `up` does before the first process starts."""

import threading

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
        thread.join(1)  # it waits for us, however long we take
        assert thread.is_alive()
        order.append("first")

    prepare.migrate(first_accounts)
    thread.join(60)
    assert order == ["first", "second"]
