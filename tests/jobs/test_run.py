"""A job from submission to its end."""

from __future__ import annotations

import pytest

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
