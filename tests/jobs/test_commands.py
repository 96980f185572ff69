"""The commands about jobs."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from project.jobs.sweeper_lock import sweeper_lock
from tests.factories import JobFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def output_of(*command):
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue().splitlines()


def test_the_table_shows_the_newest_jobs_first(user):
    old = JobFactory(owner=user, finished=True, attempt=1)
    new = JobFactory(owner=user)
    header, first, second = output_of("jobs")
    assert header.split() == [
        "id", "kind", "owner", "state", "done", "tries", "waited", "ran", "error",
    ]  # fmt: skip
    assert first.split()[:6] == [str(new.pk), "test.echo", user.username, "queued", "0%", "0/3"]
    assert second.split()[:6] == [
        str(old.pk),
        "test.echo",
        user.username,
        "succeeded",
        "100%",
        "1/3",
    ]
    assert len(output_of("jobs", "--limit", "1")) == 2
    assert len(output_of("jobs", "--state", "failed")) == 1


def test_one_sweep_by_hand_prints_its_counts(user):
    (line,) = output_of("sweep_jobs", "--once")
    assert line.startswith("SweepReport(recovered=0, revoked=0, settled=0, rung=0, failed=0")


def test_two_sweepers_never_work_at_once(user):
    from django.db import connections

    with sweeper_lock() as mine:
        assert mine
        if connection.vendor == "postgresql":
            other = connections["default"].copy()
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [0x6F6D6E69])
                assert cursor.fetchone() == (False,)
            other.close()
        else:
            with sweeper_lock() as theirs:
                assert not theirs
    with sweeper_lock() as again:
        assert again
