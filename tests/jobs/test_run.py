"""A job from submission to its end."""

from __future__ import annotations

import pytest

from project.jobs.drain import Drain
from project.jobs.health import Health
from project.jobs.models import Job, JobEvent
from project.jobs.run import run_next

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def events_of(job):
    return list(JobEvent.objects.filter(job=job).order_by("seq").values_list("seq", "name"))


def test_a_submitted_job_runs_to_its_result(submit, runtime):
    job = submit(params={"text": "hello"})
    ended = run_next(worker="w1", runtime=runtime)
    assert ended.pk == job.pk
    assert ended.state == Job.State.SUCCEEDED
    assert ended.progress == 1.0
    assert ended.lease_token is None
    assert events_of(job) == [(1, "queued"), (2, "started"), (3, "succeeded")]
    assert JobEvent.objects.get(job=job, seq=3).data == {"text": "hello"}
    assert run_next(worker="w1", runtime=runtime) is None


def test_a_failed_device_breaks_the_worker_and_the_first_job_that_hears_of_it_is_the_suspect(
    submit, runtime, drain
):
    health = Health(drain=drain)
    suspect = submit("test.fail", params={"code": "device"})
    ended = run_next(worker="w1", runtime=runtime, drain=drain, health=health)
    assert (ended.pk, ended.state, ended.attempt) == (suspect.pk, Job.State.QUEUED, 1)
    assert ended.error_code == "device_failed"
    assert "illegal memory access" in ended.error_detail
    assert not health.is_sound
    submit()
    assert run_next(worker="w1", runtime=runtime, drain=drain, health=health) is None


def test_those_to_whom_the_failure_only_happened_keep_their_attempt(submit, runtime, drain):
    health = Health(drain=Drain())
    health.break_down("another job's kernel")
    submit("test.fail", params={"code": "device"})
    ended = run_next(worker="w1", runtime=runtime, drain=drain, health=health)
    assert (ended.state, ended.attempt, ended.error_code) == (Job.State.QUEUED, 0, "")
