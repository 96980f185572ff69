"""What `make chaos` promises of itself: the numbers of blows, the clock, and a clear refusal."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from project.jobs.models import Job, JobEvent
from tests.resilience import postgres_cluster
from tests.resilience.chaos import plan, run
from tests.resilience.chaos.recovery import Interrupted, Recovery, measure, running_on
from tests.resilience.chaos.stack import Outage

KILLED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def after(seconds):
    return KILLED_AT + timedelta(seconds=seconds)


def test_the_full_size_strikes_at_least_as_often_as_was_promised():
    struck = Counter(name for _, name in plan.blows(rng=random.Random(1), jobs=1000, restarts=True))
    assert plan.MINIMUM == {
        "worker": 20,
        "redis": 5,
        "redis, data lost": 2,
        "web": 5,
        "postgres": 3,
    }
    assert plan.missing(struck=struck, jobs=1000, restarts=True) == []
    struck["web"] = 4
    struck["redis, data lost"] = 1
    assert plan.missing(struck=struck, jobs=1000, restarts=True) == [
        "only 1 blows to redis, data lost, wanted 2",
        "only 4 blows to web, wanted 5",
    ]


@pytest.mark.parametrize("jobs", [10, 100, 1000])
def test_every_blow_falls_while_requests_are_still_to_come(jobs):
    blows = plan.blows(rng=random.Random(jobs), jobs=jobs, restarts=True)
    thresholds = [threshold for threshold, _ in blows]
    assert thresholds == sorted(thresholds)
    assert 0 <= thresholds[0] <= thresholds[-1] < jobs
    assert plan.missing(struck=Counter(n for _, n in blows), jobs=jobs, restarts=True) == []


def test_a_seed_repeats_requests_of_every_lane_kind_and_owner():
    first, second = (plan.orders(rng=random.Random(7), jobs=200, seed=7) for _ in range(2))
    assert first == second
    assert {order.lane for order in first} == {"interactive", "stream", "batch"}
    assert {order.kind for order in first} == {"test.work", "test.file", "enhance.photo"}
    assert {order.owner for order in first} == set(range(plan.OWNERS))
    assert len({order.key for order in first}) == 200
    assert any(order.repeat for order in first)


@pytest.fixture
def interrupted(user):
    """`interrupted(*later)`: a job that ran when its worker was killed, and its events since."""

    def make(*later):
        job = Job.objects.create(
            owner=user,
            kind="test.file",
            state="running",
            worker="dead:1:abcd",
            seq=2,
            lease_token=uuid4(),
            lease_until=KILLED_AT,
        )
        hits = [hit for hit in running_on("dead:1:", KILLED_AT) if hit.job == job.pk.hex]
        events = [("queued", -9), ("started", -8), *later]
        for number, (name, seconds) in enumerate(events, 1):
            event = JobEvent.objects.create(job=job, seq=number, name=name)
            JobEvent.objects.filter(pk=event.pk).update(at=after(seconds))
        Job.objects.filter(pk=job.pk).update(worker="", seq=len(events))
        return hits

    return make


@pytest.mark.django_db
def test_recovery_is_measured_from_the_kill_to_the_next_start(interrupted):
    hits = interrupted(("requeued", 7), ("started", 8), ("requeued", 20), ("started", 30))
    (hit,) = hits
    assert hit == Interrupted(job=hit.job, seq=2, at=KILLED_AT)
    assert measure(hits, []) == ([Recovery(job=hit.job, queued=7, running=8)], Counter())


@pytest.mark.django_db
def test_the_time_without_a_store_is_not_counted_and_two_at_once_count_once(interrupted):
    hits = interrupted(("requeued", 10), ("started", 20))
    outages = [
        Outage(store="redis", began=after(-5), ended=after(2)),
        Outage(store="postgres", began=after(12), ended=after(15)),
        Outage(store="redis", began=after(13), ended=after(16)),
        Outage(store="redis", began=after(19), ended=after(40)),
    ]
    ((one,), _) = measure(hits, outages)
    assert (one.queued, one.running) == (8, 20 - 2 - 4 - 1)


@pytest.mark.django_db
def test_a_job_that_did_not_run_again_is_told_apart(interrupted):
    hits = [
        *interrupted(("requeued", 7), ("cancelled", 8)),
        *interrupted(("succeeded", 0)),
        *interrupted(),
    ]
    assert measure(hits, []) == ([], Counter(["cancelled", "succeeded", "never ran again"]))


def test_without_postgresql_the_run_says_how_to_get_it_and_fails(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(postgres_cluster, "BINARIES", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["chaos", "--jobs", "10"])
    assert run.main() == run.EXIT_NO_POSTGRES != 0
    said = capsys.readouterr().out
    assert "apt-get install postgresql" in said
    assert "--sqlite" in said
