"""Fixtures of the live feed."""

import pytest
from asgiref.sync import SyncToAsync
from django.db import connections

from project.jobs import kinds
from tests.realtime.kinds import ECHO


@pytest.fixture(scope="session", autouse=True)
def no_open_connections(django_db_setup):
    """Channels' test client keeps those of the consumers' thread; PostgreSQL would not let go."""
    yield
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.fixture(autouse=True)
def echo_kind(monkeypatch):
    monkeypatch.setitem(kinds._kinds, ECHO.key, ECHO)
