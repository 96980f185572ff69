"""Fixtures of the live feed."""

import pytest

from project.jobs import kinds
from tests.realtime.kinds import ECHO


@pytest.fixture(autouse=True)
def echo_kind(monkeypatch):
    monkeypatch.setitem(kinds._kinds, ECHO.key, ECHO)
