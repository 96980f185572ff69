"""What a running job tells, how often, and how it learns that it must end."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from project.inference.errors import Cancelled, DeadlineExceeded, Draining, LeaseLost
from project.jobs.cancel import cancel_job
from project.jobs.claim import claim_job
from project.jobs.drain import Drain
from project.jobs.models import Job, JobEvent
from project.jobs.progress import Checkpoint
from tests.jobs.events import names_of

pytestmark = [pytest.mark.services, pytest.mark.django_db]

START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def move(self, seconds):
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def job(submit):
    submit("test.steps", params={"steps": 10})
    return claim_job(worker="w", now=START)


@pytest.fixture
def lost():
    return threading.Event()


@pytest.fixture
def checkpoint(job, clock, drain, lost):
    return Checkpoint(job=job, lost=lost, drain=drain, clock=clock)


def test_at_most_two_events_and_five_pushes_a_second(
    job, checkpoint, clock, pushed, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        for step in range(100):
            checkpoint("stepping", step, 100)
            clock.move(0.02)
    stored = [change for change in pushed if not change.ephemeral]
    assert len(pushed) == 10
    assert len(stored) == 4
    assert [change.seq for change in stored] == [3, 4, 5, 6]
    assert names_of(job) == ["queued", "started", *["progress"] * 4]


def test_a_checkpoint_inside_a_long_unit_stores_nothing_and_still_hears_a_cancel(
    job, checkpoint, clock
):
    for _ in range(20):
        checkpoint("stepping", 1, 10)
        clock.move(1)
    assert names_of(job) == ["queued", "started", "progress"]
    assert Job.objects.get().lease_until > clock.now
    cancel_job(job=job, now=clock.now)
    with pytest.raises(Cancelled):
        checkpoint("stepping", 1, 10)


def test_an_ephemeral_push_carries_the_seq_of_the_last_event(
    job, checkpoint, clock, pushed, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        checkpoint("stepping", 1, 10)
        clock.move(0.25)
        checkpoint("stepping", 2, 10)
    assert [(c.seq, c.ephemeral, c.progress, c.done, c.total) for c in pushed] == [
        (3, False, 0.1, 1, 10),
        (3, True, 0.2, 2, 10),
    ]
    row = Job.objects.get(pk=job.pk)
    assert (row.seq, row.progress, row.done_units, row.total_units) == (3, 0.2, 2, 10)


def test_one_checkpoint_renews_the_lease_and_writes_all_in_one_update(
    job, checkpoint, clock, settings, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    clock.move(7)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        checkpoint("stepping", 3, 10)
    updates = [q["sql"] for q in queries if q["sql"].startswith("UPDATE")]
    assert len(updates) == 1
    row = Job.objects.get(pk=job.pk)
    assert row.lease_until == clock.now + settings.JOB_LEASE
    assert (row.stage, row.done_units) == ("stepping", 3)
    assert row.updated_at == clock.now


def test_progress_never_goes_back_within_an_attempt(job, checkpoint, clock):
    shown = []
    for done, total in ((1, 10), (5, 10), (2, 10), (0, 0), (30, 10)):
        checkpoint("stepping", done, total)
        shown.append(Job.objects.get(pk=job.pk).progress)
        clock.move(1)
    assert shown == [0.1, 0.5, 0.5, 0.5, 1.0]


def test_the_newest_partial_result_waits_for_the_next_event(job, checkpoint, clock):
    checkpoint("stepping", 1, 10)
    clock.move(0.25)
    checkpoint("stepping", 2, 10, {"preview": "old"})
    checkpoint("stepping", 3, 10, {"preview": "new"})
    clock.move(0.3)
    checkpoint("stepping", 4, 10)
    event = JobEvent.objects.get(job=job, name="partial")
    assert event.data["preview"] == "new"
    assert event.data["done"] == 4


def test_a_new_stage_is_told_at_once_with_the_partial_result_that_waits(job, checkpoint, clock):
    """It may be long and silent: nothing later would tell."""
    checkpoint("stepping", 1, 10)
    clock.move(0.01)
    checkpoint("stepping", 10, 10, {"preview": "last"})
    assert names_of(job) == ["queued", "started", "progress"]
    checkpoint("writing", 10, 10)
    event = JobEvent.objects.get(job=job, name="partial")
    assert (event.data["stage"], event.data["preview"]) == ("writing", "last")
    assert Job.objects.get(pk=job.pk).stage == "writing"


def test_a_cancelled_job_stops_at_its_next_checkpoint(job, checkpoint, clock):
    checkpoint("stepping", 1, 10)
    asked = cancel_job(job=job)
    assert asked.state == "running"
    assert asked.cancel_requested_at is not None
    clock.move(0.2)
    with pytest.raises(Cancelled):
        checkpoint("stepping", 2, 10)


def test_the_work_of_a_deactivated_owner_stops_at_its_next_checkpoint(job, checkpoint, user):
    user.is_active = False
    user.save()
    with pytest.raises(Cancelled) as caught:
        checkpoint("stepping", 1, 10)
    assert caught.value.detail == "owner_deactivated"


def test_the_deadline_acts_at_the_next_checkpoint(job, checkpoint, clock, settings):
    clock.move(settings.JOB_TIMEOUT.total_seconds() - 1)
    checkpoint("stepping", 1, 10)
    clock.move(1)
    with pytest.raises(DeadlineExceeded):
        checkpoint("stepping", 2, 10)


def test_a_lost_lease_stops_the_run_at_its_next_checkpoint(job, checkpoint, clock, lost):
    lost.set()
    with pytest.raises(LeaseLost):
        checkpoint("stepping", 1, 10)
    assert names_of(job) == ["queued", "started"]


def test_a_stopping_worker_lets_steps_run_for_a_while(job, clock, lost):
    seconds = [0.0]
    drain = Drain(clock=lambda: seconds[0])
    checkpoint = Checkpoint(job=job, lost=lost, drain=drain, clock=clock)
    drain.begin(grace=timedelta(seconds=20))
    seconds[0] = 19.9
    checkpoint("stepping", 1, 10)
    seconds[0] = 20.0
    with pytest.raises(Draining):
        checkpoint("stepping", 2, 10)


def test_a_second_signal_makes_the_drain_due_at_once():
    drain = Drain(clock=lambda: 5.0)
    drain.begin(grace=timedelta(seconds=20))
    assert (drain.has_begun, drain.is_due) == (True, False)
    drain.begin(grace=timedelta(seconds=20))
    assert drain.is_due
