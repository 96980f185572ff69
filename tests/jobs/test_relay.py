"""A bell that a worker without room heard wakes another worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from project.jobs import relay, tasks
from project.jobs.claim import claim_job
from project.jobs.models import Job, Worker
from project.jobs.relay import INTERVAL, Relay
from project.jobs.worker import worker_name

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture
def rung(monkeypatch):
    """The jobs that were rung for, in order."""
    jobs = []

    def ring(job, *, now):
        jobs.append(job)
        return True

    monkeypatch.setattr(relay, "ring", ring)
    return jobs


@pytest.fixture
def clock():
    """Seconds that a test may move."""

    class Clock:
        seconds = 0.0

        def __call__(self):
            return self.seconds

    return Clock()


@pytest.fixture
def full(submit, settings, monkeypatch, clock):
    """This worker runs as much background work as it may; returns the job that waits."""
    settings.WORKER_THREADS = 3
    monkeypatch.setattr(tasks, "worker_relay", Relay(clock=clock))
    submit("test.echo", lane="batch")
    assert claim_job(worker=worker_name())
    return submit("test.echo", lane="batch")


def another_worker(**changes):
    return Worker.objects.create(
        **{"name": "other:1", "ready": True, "last_seen": timezone.now(), **changes}
    )


def test_a_bell_that_a_full_worker_heard_goes_on_to_the_next(full, rung):
    another_worker()
    tasks.run(str(full.pk))
    assert rung == [full.pk]
    full.refresh_from_db()
    assert full.state == Job.State.QUEUED


def test_a_bell_does_not_circle_between_full_workers(full, rung, clock):
    another_worker()
    for _ in range(5):
        tasks.run(str(full.pk))
    assert rung == [full.pk]
    clock.seconds += INTERVAL.total_seconds()
    tasks.run(str(full.pk))
    assert rung == [full.pk] * 2


@pytest.mark.parametrize(
    "other",
    [
        {"name": worker_name()},
        {"ready": False},
        {"last_seen": timezone.now() - timedelta(minutes=5)},
    ],
    ids=["itself", "not ready", "silent"],
)
def test_without_another_living_worker_nobody_is_rung(full, rung, other):
    another_worker(**other)
    tasks.run(str(full.pk))
    assert rung == []


@pytest.mark.django_db(transaction=True)
def test_a_bell_that_was_of_use_is_spent(submit, rung):
    another_worker()
    job = submit("test.echo")
    tasks.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, rung) == (Job.State.SUCCEEDED, [])
