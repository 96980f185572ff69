"""What is promised about the end of a job, and that the promise holds."""

from __future__ import annotations

import math
import random
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisAway

from project.jobs import estimates, rates
from project.jobs.claim import claim_job
from project.jobs.estimates import Estimate, for_jobs
from project.jobs.models import Job, RunRate
from project.jobs.run import run_next
from tests.factories import JobFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def no_memory():
    """Promises of other tests are not ours."""
    cache.clear()


def steps(owner, *, units=10, **more):
    return JobFactory(
        owner=owner,
        kind="test.steps",
        params={"steps": units, "size": ""},
        total_units=units,
        **more,
    )


def learnt(seconds_per_unit=1.0, *, samples=2, bucket=""):
    for _ in range(samples):
        rates.learn(kind="test.steps", bucket=bucket, seconds=seconds_per_unit * 10, units=10)


def test_no_eta_is_shown_before_two_samples(user):
    job = steps(user)
    for samples in (0, 1):
        assert RunRate.objects.filter(samples=samples).exists() or samples == 0
        assert for_jobs([job])[job.pk].eta_seconds is None
        learnt(samples=1)
    assert for_jobs([job])[job.pk].eta_seconds == pytest.approx(10)


def test_a_rate_of_another_size_is_no_promise_for_this_one(user):
    learnt(bucket="large")
    job = steps(user)
    assert for_jobs([job])[job.pk].eta_seconds is None


def test_the_place_in_the_queue_respects_fair_share(user, stranger):
    learnt()
    mine = [steps(user) for _ in range(3)]
    theirs = steps(stranger)
    found = for_jobs([*mine, theirs])
    assert found[mine[0].pk].queue_position == 1
    assert found[theirs.pk].queue_position == 2
    assert [found[job.pk].queue_position for job in mine] == [1, 3, 4]
    assert found[theirs.pk].eta_seconds == pytest.approx(20)
    assert found[mine[2].pk].eta_seconds == pytest.approx(40)


def test_the_forecast_order_is_the_order_of_the_claims(user, stranger, settings):
    settings.WORKER_THREADS = 50
    learnt()
    rng = random.Random(7)
    for _ in range(12):
        steps(
            rng.choice([user, stranger]),
            lane=rng.choice(["interactive", "stream", "batch"]),
            priority=rng.choice([0, 0, 5]),
            units=1,
        )
    # A running job is charged one second at once, as the forecast charges one unit.
    found = for_jobs(Job.objects.all())
    forecast = sorted(found, key=lambda pk: found[pk].queue_position)
    claimed = [claim_job(worker="w").pk for _ in range(12)]
    assert claimed == forecast


def test_an_interactive_job_does_not_wait_for_batch_work(user, stranger):
    learnt()
    steps(user, lane="batch", units=1000)
    job = steps(stranger)
    assert for_jobs([job])[job.pk].eta_seconds == pytest.approx(10)


def test_unknown_work_ahead_makes_the_wait_unknown_but_not_the_place(user):
    learnt()
    JobFactory(owner=user, kind="test.echo")
    job = steps(user)
    assert for_jobs([job])[job.pk] == Estimate(queue_position=2)


def test_a_running_job_counts_down_by_its_units(user):
    learnt()
    steps(user)
    job = claim_job(worker="w")
    job.done_units = 4
    assert for_jobs([job])[job.pk].eta_seconds == pytest.approx(6)
    assert for_jobs([job])[job.pk].queue_position is None


def test_the_shown_end_never_moves_away_without_a_reason(user):
    learnt(1.0)
    job = steps(user)
    now = timezone.now()
    assert for_jobs([job], now=now)[job.pk].eta_seconds == pytest.approx(10)
    learnt(50.0, samples=3)
    again = for_jobs([job], now=now + timedelta(seconds=4))[job.pk]
    assert again.eta_seconds == pytest.approx(6)
    assert again.reason is None


def test_more_urgent_work_lets_the_eta_grow_and_says_so(user, stranger):
    learnt()
    job = steps(user, lane="batch")
    assert for_jobs([job])[job.pk].reason is None
    steps(stranger)
    grown = for_jobs([job])[job.pk]
    assert grown.eta_seconds == pytest.approx(20)
    assert grown.reason == "waiting_higher_priority"


def test_without_the_cache_the_fresh_estimate_is_shown(user, monkeypatch):
    learnt()
    job = steps(user)

    def away(keys):
        raise RedisAway("gone")

    monkeypatch.setattr(estimates.cache, "get_many", away)
    assert for_jobs([job])[job.pk].eta_seconds == pytest.approx(10)


def test_the_number_of_queries_does_not_depend_on_the_queue(
    user, stranger, django_assert_max_num_queries
):
    learnt()
    for _ in range(40):
        steps(user)
        steps(stranger, lane="batch")
    jobs = list(Job.objects.all())
    with django_assert_max_num_queries(5):
        found = for_jobs(jobs)
    assert len(found) == 80


def test_jobs_that_have_ended_need_no_estimate_and_no_query(user, django_assert_num_queries):
    jobs = [JobFactory(owner=user, finished=True) for _ in range(3)]
    with django_assert_num_queries(0):
        assert for_jobs(jobs) == {}


def test_the_rate_follows_new_samples_by_a_fifth():
    rate = RunRate(kind="k", bucket="b")
    for sample in (1.0, 2.0):
        rates.absorb(rate, sample)
    assert (rate.samples, rate.seconds_per_unit) == (2, pytest.approx(1.2))
    assert rate.recent == [1.0, 2.0]


def test_95_percent_promise_holds_in_replay():
    rng = random.Random(11)
    rate = RunRate(kind="k", bucket="b")
    kept = shown = 0
    for _ in range(2000):
        took = math.exp(rng.gauss(0.0, 0.25))
        if rate.samples >= 20:
            shown += 1
            kept += took <= rate.seconds_per_unit * rate.p95_factor
        rates.absorb(rate, took)
    assert 0.90 <= kept / shown <= 0.99


def test_the_countdown_of_a_run_never_grows(user):
    learnt(1.0)
    seconds = [0.0]
    left = rates.countdown(steps(user), clock=lambda: seconds[0])
    shown = []
    for now, done in ((0, 0), (2, 1), (6, 2), (8, 6), (30, 9)):
        seconds[0] = now
        shown.append(left(done, 10))
    assert shown == [10, 8, 4, 2, 0]


def test_a_run_that_nobody_has_measured_counts_down_by_its_own_pace(user):
    seconds = [0.0]
    left = rates.countdown(steps(user), clock=lambda: seconds[0])
    shown = []
    for now, done in ((0, 0), (20, 1), (22, 1), (24, 2), (28, 3), (36, 4)):
        seconds[0] = now
        shown.append(left(done, 5))
    # The first unit took 20 s of loading and is left out; the slow fourth one grows nothing.
    assert shown == [None, None, None, 12, 8, 0]


def test_a_finished_run_is_measured(submit, runtime):
    submit("test.steps", params={"steps": 4, "size": "small"})
    run_next(worker="w", runtime=runtime)
    rate = RunRate.objects.get()
    assert (rate.kind, rate.bucket, rate.samples) == ("test.steps", "small", 1)
    assert rate.seconds_per_unit > 0


def test_a_failed_run_teaches_nothing(submit, runtime):
    submit("test.fail")
    run_next(worker="w", runtime=runtime)
    assert not RunRate.objects.exists()
