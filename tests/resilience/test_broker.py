"""The broker is a bell: killed, wiped or away, it costs no job."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from project.jobs.models import Job, Worker
from project.jobs.sweep import bells_waiting, sweep
from project.jobs.tasks import run
from tests.resilience.auditor import audit
from tests.resilience.processes import wait_until, worker

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def states():
    return list(Job.objects.order_by("created_at").values_list("state", "attempt"))


def test_redis_killed_and_wiped_in_mid_job_costs_nothing_and_the_same_worker_goes_on(
    submit, own_redis
):
    with worker(redis_url=own_redis.url, OMNILENS_JOB_LEASE="30s") as process:
        wait_until(lambda: Worker.objects.filter(ready=True).exists(), process=process)
        running = submit("test.steps", params={"steps": 40, "seconds": 0.02})
        wait_until(lambda: Job.objects.get(pk=running.pk).done_units > 0, process=process)
        own_redis.kill()
        wait_until(lambda: states() == [("succeeded", 1)], process=process)
        # The thread looks for one more job before it sleeps; only then nobody claims unrung.
        wait_until(lambda: "succeeded in" in process.log.read_text(), process=process)

        for _ in range(3):
            submit("test.file")
        assert states() == [("succeeded", 1), *[("queued", 0)] * 3]
        assert set(Job.objects.filter(state="queued").values_list("dispatched_at")) == {(None,)}
        assert sweep(now=timezone.now() + timedelta(minutes=1)).bells_waiting is None

        own_redis.start()
        assert sweep(now=timezone.now() + timedelta(minutes=1)).rung == 3
        wait_until(lambda: states() == [("succeeded", 1)] * 4, process=process)
        assert process.poll() is None
        assert Worker.objects.get().name.split(":")[1] == str(process.pid)
    assert audit() == []


def test_wiping_the_broker_loses_no_job(submit, own_redis):
    jobs = [submit("test.file") for _ in range(3)]
    assert bells_waiting() == 3
    own_redis.kill()
    own_redis.start()
    assert bells_waiting() == 0
    report = sweep(now=timezone.now() + timedelta(minutes=1))
    assert (report.rung, bells_waiting()) == (3, 3)
    run(str(jobs[2].pk))
    assert states() == [("succeeded", 1)] * 3
    assert audit() == []


def test_a_redis_killed_with_its_data_kept_still_rings_for_what_waited(submit, own_redis_on_disk):
    for _ in range(3):
        submit("test.file")
    assert bells_waiting() == 3
    own_redis_on_disk.kill()
    own_redis_on_disk.start()
    assert bells_waiting() == 3
    with worker(redis_url=own_redis_on_disk.url) as process:  # and no sweep
        wait_until(lambda: states() == [("succeeded", 1)] * 3, process=process)
    assert audit() == []
