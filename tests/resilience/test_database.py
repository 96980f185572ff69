"""The database restarts under a running job, in a cluster of its own."""

from __future__ import annotations

import signal

import pytest
from django.db import connection

from project.jobs.models import Job, JobEvent, Worker
from project.jobs.sweep import sweep
from tests.resilience.auditor import audit
from tests.resilience.postgres_cluster import NoPostgres, PostgresCluster
from tests.resilience.processes import database_url, wait_until, worker

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def own_postgres(transactional_db):
    """A cluster that holds a copy of the test database; this process uses it meanwhile."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server to restart; make test-services runs this")
    try:
        cluster = PostgresCluster()
    except NoPostgres as error:
        pytest.skip(str(error))
    before = dict(connection.settings_dict)
    try:
        cluster.start()
        cluster.copy_from(database_url())
        connection.close()
        connection.settings_dict |= {
            "HOST": "127.0.0.1",
            "PORT": cluster.port,
            "NAME": "postgres",
            "USER": "postgres",
            "PASSWORD": "",
        }
        yield cluster
    finally:
        connection.close()
        connection.settings_dict |= before
        cluster.close()


def test_a_restart_of_the_database_in_mid_job_costs_one_attempt_and_no_job(
    own_postgres, submit, gate
):
    """And the worker, whose main thread still holds a connection from before, stops in order."""
    held = submit("test.gate", params={"gate": gate.name})
    waiting = submit("test.file", lane="batch")
    with worker(threads=3, OMNILENS_JOB_LEASE="1h") as process:
        wait_until(lambda: Job.objects.get(pk=waiting.pk).state == "succeeded", process=process)
        assert Job.objects.get(pk=held.pk).state == "running"
        own_postgres.restart_at_once()
        connection.close()
        gate.touch()
        wait_until(
            lambda: sweep() and Job.objects.get(pk=held.pk).state == "succeeded", process=process
        )
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: process.poll() is not None, process=process)
        assert process.returncode == 0
    assert not Worker.objects.exists()
    row = Job.objects.get(pk=held.pk)
    # Without waiting for the lease: the same worker has given it back and taken it again.
    assert row.attempt == 2
    reasons = JobEvent.objects.filter(job=row, name="requeued").values_list("data", flat=True)
    assert [data["reason"] for data in reasons] == ["storage"]
    assert audit() == []
