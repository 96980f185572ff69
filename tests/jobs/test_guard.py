"""A worker that must end does end, and hands back what it still runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError

from project.jobs.drain import Drain
from project.jobs.finish import succeed
from project.jobs.guard import Guard
from project.jobs.hand_back import hand_back
from project.jobs.health import ANY_JOB, Health
from project.jobs.kinds import Outcome
from project.jobs.models import Job
from tests.inference.fakes import PATIENCE_SECONDS, Clock, until


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def drain(clock):
    return Drain(clock=clock)


@pytest.fixture
def health(drain):
    return Health(drain=drain)


@pytest.fixture
def log():
    return []


@pytest.fixture
def guard(drain, health, log):
    return Guard(
        drain=drain,
        health=health,
        stop_consuming=lambda: log.append("stop"),
        hand_back=lambda: log.append("hand back"),
        leave=log.append,
    )


def test_a_drain_is_over_a_second_after_it_is_due(guard, drain, clock, log):
    assert not guard.look()
    drain.begin(grace=timedelta(seconds=8))
    clock.now += 8.9
    assert not guard.look()
    clock.now += 0.1
    assert guard.look()
    assert log == ["hand back", 0]


def test_a_second_signal_ends_the_grace(guard, drain, clock, log):
    drain.begin(grace=timedelta(hours=1))
    drain.begin(grace=timedelta(hours=1))
    clock.now += 1
    assert guard.look()
    assert log == ["hand back", 0]


def test_a_broken_worker_ends_with_an_error_and_without_a_grace(guard, health, clock, log):
    assert health.break_down("the device failed")
    assert not health.break_down("the device failed once more"), "the first reason stays"
    assert health.reason == "the device failed"
    clock.now += 1
    assert guard.look()
    assert log == ["hand back", 1]


@pytest.mark.parametrize("error", [OperationalError("gone"), RuntimeError("anything")])
def test_a_broken_worker_ends_even_when_the_database_is_away(guard, health, clock, log, error):
    def no_database():
        raise error

    guard._hand_back = no_database
    health.break_down("the device failed")
    clock.now += 1
    assert guard.look()
    assert log == [1]


def test_the_thread_sleeps_until_the_drain_and_stops_a_broken_worker(guard, health, clock, log):
    guard.start()
    assert log == []
    health.break_down("the device failed")
    clock.now += 1
    until(lambda: 1 in log)
    guard._thread.join(PATIENCE_SECONDS)
    assert log == ["stop", "hand back", 1]


def test_a_process_that_ends_by_itself_is_left_alone(guard, drain, clock, log):
    guard.start()
    drain.begin(grace=timedelta(seconds=8))
    guard.release()
    guard._thread.join(PATIENCE_SECONDS)
    assert not guard._thread.is_alive()
    assert log == []


@pytest.mark.django_db
class TestHandBack:
    """What goes back, and on whose account."""

    @pytest.fixture
    def running(self, submit, claimed_by):
        jobs = [submit() for _ in range(3)]
        return [claimed_by("w") for _ in jobs]

    @pytest.fixture
    def claimed_by(self):
        from project.jobs.claim import claim_job

        return lambda worker: claim_job(worker=worker)

    def test_every_running_job_goes_back_and_no_attempt_is_spent(self, running, submit, claimed_by):
        submit()
        of_another = claimed_by("other")
        assert hand_back(worker="w") == 3
        for job in running:
            row = Job.objects.get(pk=job.pk)
            assert (row.state, row.attempt, row.lease_token) == ("queued", 0, None)
        assert Job.objects.get(pk=of_another.pk).state == "running"
        assert hand_back(worker="w") == 0

    def test_the_suspect_spends_its_attempt_and_the_others_do_not(self, running):
        suspect, *others = running
        hand_back(worker="w", suspect=str(suspect.pk), detail="stood still")
        row = Job.objects.get(pk=suspect.pk)
        assert (row.state, row.attempt) == ("queued", 1)
        assert (row.error_code, row.error_detail) == ("device_stuck", "stood still")
        assert {Job.objects.get(pk=job.pk).attempt for job in others} == {0}

    def test_a_job_that_gets_stuck_each_time_fails_in_the_end(self, running):
        suspect = running[0]
        Job.objects.filter(pk=suspect.pk).update(attempt=3)
        hand_back(worker="w", suspect=str(suspect.pk))
        row = Job.objects.get(pk=suspect.pk)
        assert (row.state, row.error_code) == ("failed", "device_stuck")

    def test_when_it_could_be_any_of_them_all_are_suspects(self, running):
        hand_back(worker="w", suspect=ANY_JOB)
        assert {Job.objects.get(pk=job.pk).attempt for job in running} == {1}

    def test_a_thread_that_comes_back_afterwards_writes_nothing(self, running):
        from project.inference.errors import LeaseLost

        hand_back(worker="w")
        with pytest.raises(LeaseLost):
            succeed(job=running[0], outcome=Outcome(commit=lambda done: None))
        assert Job.objects.get(pk=running[0].pk).state == "queued"
