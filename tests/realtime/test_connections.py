"""Counting live connections over all processes."""

from datetime import UTC, datetime, timedelta

import pytest

from project.realtime import connections
from project.uuid7 import uuid7

pytestmark = pytest.mark.services

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def user_id():
    return uuid7().int % 10**12


def enter(user_id, name, now=NOON):
    return connections.enter(user_id=user_id, connection=name, now=now)


def test_the_eleventh_connection_is_not_counted(user_id):
    assert [enter(user_id, f"c{n}") for n in range(12)] == [True] * 10 + [False] * 2
    connections.leave(user_id=user_id, connection="c0")
    assert [enter(user_id, "c10"), enter(user_id, "c11")] == [True, False]


def test_connections_of_a_killed_process_stop_counting(user_id):
    for number in range(10):
        enter(user_id, f"c{number}")
    connections.stay(user_id=user_id, connection="c0", now=NOON + timedelta(seconds=60))
    later = NOON + timedelta(seconds=91)
    assert [enter(user_id, f"d{n}", later) for n in range(10)] == [True] * 9 + [False]


def test_users_do_not_share_a_limit(user_id):
    for number in range(10):
        enter(user_id, f"c{number}")
    assert enter(user_id + 1, "c0")
