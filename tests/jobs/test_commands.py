"""The commands about jobs."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from project.jobs.sweeper_lock import sweeper_lock
from project.management.commands import sweep_jobs
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


@pytest.mark.django_db(transaction=True)  # the command closes its connections between sweeps
def test_the_sweeper_survives_a_sweep_that_fails(user, monkeypatch, caplog, kept_signals):
    sweeps = []

    def sweep():
        sweeps.append(1)
        if len(sweeps) == 1:
            raise OperationalError("server closed the connection unexpectedly")
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(sweep_jobs, "sweep", sweep)
    monkeypatch.setattr(sweep_jobs, "SWEEP_EVERY", timedelta(0))
    call_command("sweep_jobs")
    assert len(sweeps) == 2
    assert "periodic work sweep-jobs failed" in caplog.text


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
