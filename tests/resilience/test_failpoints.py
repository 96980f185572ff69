"""A worker killed at each dangerous point: the job ends once, with its result."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from project.images.models import ImageRecord
from project.images.sweep import sweep_orphans
from project.jobs.claim import claim_job
from project.jobs.models import Job
from project.jobs.sweep import bells_waiting, sweep
from project.jobs.tasks import run
from project.management.commands.schedule import SWEEP_EVERY
from tests.resilience.auditor import audit
from tests.resilience.processes import start_scheduler, wait_until, worker

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

POINTS = {
    "job.after_file_write": Job.State.RUNNING,
    "job.after_event_insert": Job.State.RUNNING,
    "job.after_row_commit": Job.State.SUCCEEDED,
    "job.before_publish": Job.State.SUCCEEDED,
}


def test_a_worker_killed_at_any_point_costs_no_job_and_no_result(submit):
    jobs = {}
    for point, left_in in POINTS.items():
        jobs[point] = submit("test.file")
        with worker(OMNILENS_FAILPOINT=point, OMNILENS_JOB_LEASE="1h") as doomed:
            wait_until(lambda: doomed.poll() is not None, process=doomed)
        assert doomed.returncode == -9
        assert Job.objects.get(pk=jobs[point].pk).state == left_in

    later = timezone.now() + timedelta(hours=2)
    report = sweep(now=later)
    assert (report.recovered, report.failed) == (2, 0)
    with worker() as restarted:
        wait_until(
            lambda: not Job.objects.exclude(state=Job.State.SUCCEEDED).exists(),
            process=restarted,
        )
    sweep_orphans(now=timezone.now() + timedelta(hours=2))

    for point, left_in in POINTS.items():
        job = Job.objects.get(pk=jobs[point].pk)
        assert job.attempt == (2 if left_in == Job.State.RUNNING else 1), point
        assert ImageRecord.objects.filter(original_name=str(job.pk)).count() == 1, point
    assert audit() == []


def test_a_worker_killed_right_after_its_claim_costs_one_lease_and_one_sweep(submit, own_redis):
    job = submit("test.file")
    with worker(
        redis_url=own_redis.url, OMNILENS_FAILPOINT="job.after_claim", OMNILENS_JOB_LEASE="30s"
    ) as doomed:
        wait_until(lambda: doomed.poll() is not None, process=doomed)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.done_units) == ("running", 1, 0)
    # The lease was taken before the kill, so it ends at most one lease after it.
    assert job.lease_until - job.started_at == timedelta(seconds=30)
    assert sweep(now=job.lease_until).recovered == 0

    before = bells_waiting()
    assert sweep(now=job.lease_until + SWEEP_EVERY).recovered == 1
    assert bells_waiting() == before + 1
    run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("succeeded", 2)
    assert audit() == []


def test_a_sweeper_killed_in_the_middle_leaves_nothing_that_the_next_does_not_find(
    submit, own_redis
):
    jobs = [submit("test.file") for _ in range(3)]
    an_hour_ago = timezone.now() - timedelta(hours=1)
    for number in range(3):
        assert claim_job(worker="dead", now=an_hour_ago + timedelta(seconds=number))
    doomed = start_scheduler(redis_url=own_redis.url, OMNILENS_FAILPOINT="job.before_dispatch:2")
    wait_until(lambda: doomed.poll() is not None, process=doomed)
    assert doomed.returncode == -9

    def rows():
        return [
            (job.state, job.dispatched_at is not None) for job in Job.objects.order_by("created_at")
        ]

    # One was recovered and rung for, one recovered only, one not yet found.
    assert sorted(rows()) == [("queued", False), ("queued", True), ("running", True)]
    report = sweep()
    assert (report.recovered, report.failed) == (1, 0)
    assert rows() == [("queued", True)] * 3
    run(str(jobs[0].pk))
    assert set(Job.objects.values_list("state", "attempt")) == {("succeeded", 2)}
    assert audit() == []
