"""A worker killed at each dangerous point: the job ends once, with its result."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from project.images.models import ImageRecord
from project.images.sweep import sweep_orphans
from project.jobs.models import Job
from project.jobs.sweep import sweep
from tests.resilience.auditor import audit
from tests.resilience.processes import wait_until, worker

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
