"""A real worker under load and on its way out."""

from __future__ import annotations

import re
import signal

import pytest

from project.jobs.models import Job, Worker
from tests.resilience.auditor import audit
from tests.resilience.processes import wait_until, worker

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def count(state, lane="batch"):
    return Job.objects.filter(state=state, lane=lane).count()


def test_an_interactive_job_is_claimed_before_forty_queued_batch_jobs(submit, stranger, gate):
    for _ in range(40):
        submit("test.gate", params={"gate": gate.name}, lane="batch")
    with worker(threads=8, OMNILENS_JOB_LEASE="30s") as process:
        wait_until(lambda: count("running") == 6, process=process)
        urgent = submit("test.echo", owner=stranger)
        wait_until(lambda: count("succeeded", "interactive") == 1, process=process)
        # Every batch job is still within its first step.
        assert (count("running"), count("queued")) == (6, 34)
        gate.touch()
        wait_until(lambda: count("succeeded") == 40, process=process)
    assert Job.objects.get(pk=urgent.pk).attempt == 1
    assert audit() == []


def test_sigterm_returns_running_jobs_without_waiting_for_their_lease(submit):
    jobs = [submit("test.steps", params={"steps": 1000, "seconds": 0.02}) for _ in range(2)]
    with worker(OMNILENS_DRAIN="0s", OMNILENS_JOB_LEASE="1h") as process:
        wait_until(lambda: count("running", "interactive") == 2, process=process)
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: process.poll() is not None, process=process)
    assert process.returncode == 0
    for job in jobs:
        row = Job.objects.get(pk=job.pk)
        assert (row.state, row.attempt, row.lease_until) == ("queued", 0, None)
    assert not Worker.objects.exists()
    assert audit() == []


def test_a_second_sigterm_hands_back_at_once_also_a_step_that_never_ends(submit, gate):
    submit("test.gate", params={"gate": gate.name})
    submit("test.steps", params={"steps": 1000, "seconds": 0.02})
    with worker(OMNILENS_DRAIN="1h", OMNILENS_JOB_LEASE="1h") as process:
        wait_until(lambda: count("running", "interactive") == 2, process=process)
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: signals_heard(process) == 1, process=process)
        assert count("running", "interactive") == 2
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: process.poll() is not None, process=process)
    assert process.returncode == 0
    assert set(Job.objects.values_list("state", "attempt", "lease_until")) == {("queued", 0, None)}
    assert not Worker.objects.exists()
    assert audit() == []


def signals_heard(process):
    return len(re.findall("Warm shutdown", process.log.read_text()))


def test_a_worker_whose_device_failed_ends_with_an_error_and_leaves_no_job_behind(submit):
    submit("test.steps", params={"steps": 1000, "seconds": 0.02})
    with worker(OMNILENS_DRAIN="1h", OMNILENS_JOB_LEASE="1h") as process:
        wait_until(lambda: count("running", "interactive") == 1, process=process)
        broken = submit("test.fail", params={"code": "device"})
        wait_until(lambda: process.poll() is not None, process=process)
    assert process.returncode == 1
    assert set(Job.objects.values_list("state", "attempt", "error_code")) == {
        ("queued", 1, "device_failed"),
        ("queued", 0, ""),
    }
    assert Job.objects.get(attempt=1).pk == broken.pk
    row = Worker.objects.get()
    assert (row.live, row.ready) == (False, False)
    assert "CUDA error" in row.trouble
    assert audit() == []
