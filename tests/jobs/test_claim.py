"""Which job a free thread gets."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from project.jobs import claim
from project.jobs.claim import claim_job
from project.jobs.models import Job
from tests.factories import JobFactory, UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def test_an_interactive_job_goes_before_older_batch_and_stream_jobs(user, stranger):
    batch = JobFactory(owner=user, lane="batch")
    stream = JobFactory(owner=user, lane="stream")
    interactive = JobFactory(owner=stranger)
    order = [claim_job(worker="w").pk for _ in range(3)]
    assert order == [interactive.pk, stream.pk, batch.pk]


def started(owner, *lanes, newest):
    """Jobs of these lanes that some worker started, the last of them at `newest`."""
    for age, lane in enumerate(reversed(lanes)):
        at = newest - timedelta(seconds=age)
        JobFactory(owner=owner, lane=lane, finished=True, started_at=at, finished_at=newest)


def waiting(owner, lane, *, since):
    job = JobFactory(owner=owner, lane=lane)
    Job.objects.filter(pk=job.pk).update(created_at=since)
    return job


def test_the_batch_lane_never_starves_behind_interactive_jobs(user, stranger):
    batch = [JobFactory(owner=user, lane="batch") for _ in range(3)]
    for _ in range(30):
        JobFactory(owner=stranger)
    order = [claim_job(worker=f"w{turn % 6}").lane for turn in range(24)]
    assert order == (["interactive"] * 7 + ["batch"]) * 3
    assert Job.objects.filter(pk__in=[job.pk for job in batch], state="running").count() == 3


def test_stream_and_batch_both_get_their_turn(user, stranger):
    for lane in ("stream", "batch"):
        for _ in range(2):
            JobFactory(owner=user, lane=lane)
    for _ in range(30):
        JobFactory(owner=stranger)
    order = [claim_job(worker=f"w{turn % 6}").lane for turn in range(18)]
    assert order == ["interactive"] * 7 + ["stream", "batch"] + ["interactive"] * 7 + [
        "stream",
        "batch",
    ]


def test_a_lane_is_let_through_whichever_worker_passed_it_over(user):
    now = timezone.now()
    batch = waiting(user, "batch", since=now - timedelta(minutes=1))
    started(user, *["interactive"] * 7, newest=now)
    JobFactory(owner=user)
    assert claim_job(worker="another").pk == batch.pk


def test_a_batch_job_that_came_later_was_not_passed_over(user):
    now = timezone.now()
    started(user, *["interactive"] * 7, newest=now)
    waiting(user, "batch", since=now - timedelta(seconds=3))
    interactive = JobFactory(owner=user)
    assert claim_job(worker="w").pk == interactive.pk


def test_a_lane_that_was_just_served_waits_again(user):
    now = timezone.now()
    waiting(user, "batch", since=now - timedelta(minutes=1))
    started(user, "batch", *["interactive"] * 6, newest=now)
    interactive = JobFactory(owner=user)
    assert claim_job(worker="w").pk == interactive.pk


def test_a_lane_let_through_still_leaves_two_threads_free(user, settings):
    settings.WORKER_THREADS = 3
    now = timezone.now()
    JobFactory(owner=user, lane="batch")
    assert claim_job(worker="w").lane == "batch"
    waiting(user, "batch", since=now - timedelta(minutes=1))
    started(user, *["interactive"] * 7, newest=now + timedelta(seconds=10))
    interactive = JobFactory(owner=user)
    assert claim_job(worker="w").pk == interactive.pk
    assert claim_job(worker="another").lane == "batch"


def test_priority_goes_before_age_within_a_lane(user):
    JobFactory(owner=user)
    urgent = JobFactory(owner=user, priority=5)
    assert claim_job(worker="w").pk == urgent.pk


def test_the_oldest_job_of_one_owner_goes_first(user):
    jobs = [JobFactory(owner=user) for _ in range(3)]
    assert [claim_job(worker="w").pk for _ in range(3)] == [job.pk for job in jobs]


def test_a_user_with_500_jobs_does_not_delay_another_users_one(user, stranger):
    Job.objects.bulk_create(Job(owner=user, kind="test.echo") for _ in range(500))
    first = claim_job(worker="w")
    theirs = JobFactory(owner=stranger)
    assert first.owner == user
    assert claim_job(worker="w").pk == theirs.pk


def test_the_owner_who_used_the_device_less_in_ten_minutes_goes_first(user, stranger):
    now = timezone.now()
    JobFactory(owner=user, finished=True, finished_at=now, device_seconds=9.0)
    JobFactory(owner=stranger, finished=True, finished_at=now, device_seconds=3.0)
    long_ago = now - timedelta(minutes=11)
    JobFactory(owner=stranger, finished=True, finished_at=long_ago, device_seconds=99.0)
    heavy = JobFactory(owner=user)
    light = JobFactory(owner=stranger)
    assert [claim_job(worker="w", now=now).pk for _ in range(2)] == [light.pk, heavy.pk]


def test_batch_and_stream_leave_two_threads_of_the_worker_free(user, settings):
    settings.WORKER_THREADS = 5
    for lane in ("batch", "stream", "batch", "batch", "stream"):
        JobFactory(owner=user, lane=lane)
    taken = [claim_job(worker="w") for _ in range(5)]
    assert [job is not None for job in taken] == [True, True, True, False, False]
    assert claim_job(worker="another") is not None
    interactive = JobFactory(owner=user)
    assert claim_job(worker="w").pk == interactive.pk


def test_the_smallest_worker_still_runs_batch_jobs(user, settings):
    settings.WORKER_THREADS = 3
    JobFactory(owner=user, lane="batch")
    assert claim_job(worker="w") is not None


def test_the_last_thread_of_a_worker_is_for_an_owner_who_runs_nothing_there(
    user, stranger, settings
):
    settings.WORKER_THREADS = 4
    Job.objects.bulk_create(Job(owner=user, kind="test.echo") for _ in range(9))
    assert [claim_job(worker="w") is not None for _ in range(4)] == [True, True, True, False]
    theirs = JobFactory(owner=stranger)
    assert claim_job(worker="w").pk == theirs.pk
    assert claim_job(worker="another").owner == user


def test_a_job_that_backs_off_is_not_claimed_before_its_time(user):
    now = timezone.now()
    job = JobFactory(owner=user, not_before=now + timedelta(seconds=5))
    assert claim_job(worker="w", now=now) is None
    claimed = claim_job(worker="w", now=now + timedelta(seconds=5))
    assert claimed.pk == job.pk
    assert claimed.not_before is None


def test_the_parent_of_a_batch_is_never_claimed(user, submit):
    parent = submit("test.batch", lane="batch")
    child = submit("test.echo", parent=parent, lane="batch")
    assert claim_job(worker="w").pk == child.pk
    assert claim_job(worker="w") is None
    assert claim_job(worker="w", hint=parent.pk) is None


def test_a_claim_leases_the_job_and_counts_the_attempt(user, settings):
    now = timezone.now()
    JobFactory(owner=user, stage="old", progress=0.7, done_units=3, error_code="storage")
    job = claim_job(worker="w", now=now)
    assert (job.state, job.attempt, job.worker) == ("running", 1, "w")
    assert job.lease_token is not None
    assert job.lease_until == now + settings.JOB_LEASE
    assert job.deadline == now + settings.JOB_TIMEOUT
    assert (job.stage, job.progress, job.done_units, job.error_code) == ("", 0.0, 0, "")


def test_the_hint_recovers_a_job_whose_worker_fell_silent(user):
    job = JobFactory(owner=user)
    first = claim_job(worker="dead")
    assert claim_job(worker="w", hint=job.pk) is None
    later = first.lease_until + timedelta(seconds=1)
    second = claim_job(worker="w", hint=job.pk, now=later)
    assert (second.pk, second.attempt, second.worker) == (job.pk, 2, "w")
    assert second.lease_token != first.lease_token


@pytest.mark.django_db(transaction=True)
def test_concurrent_claims_never_share_a_job(user):
    for _ in range(12):
        JobFactory(owner=user)
    taken = []

    def work(name):
        try:
            while job := claim_job(worker=name):
                taken.append(job.pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 12


def test_the_fairest_query_reads_indexes_only(user):
    Job.objects.bulk_create(Job(owner=user, kind="test.echo") for _ in range(50))
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    params = {"lane": "interactive", "now": now, "since": now}
    params |= {"worker": "w", "newcomers_only": True}
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE jobs_job")  # else the plan depends on when it last was
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + claim.FAIREST_QUEUED + claim.SKIP_LOCKED, params)
        else:
            cursor.execute("EXPLAIN QUERY PLAN " + claim.FAIREST_QUEUED, params)
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert "Seq Scan" not in plan, plan
    assert "SCAN job" not in plan, plan
    # Both indexes of unfinished rows are small: with few rows the planner may take either.
    read = set(re.findall(r"(?:INDEX|using|Index Scan on) (\w+)", plan))
    needed = {"job_unfinished", "job_usage"}
    assert needed <= read <= {*needed, "job_queue"}, plan


@pytest.mark.parametrize(
    ("query", "index"), [(claim.NEWEST_STARTS, "job_started"), (claim.WAITED_SINCE, "job_queue")]
)
def test_turns_are_read_from_indexes(user, query, index):
    Job.objects.bulk_create(
        Job(owner=user, kind="test.echo", started_at=timezone.now()) for _ in range(50)
    )
    since = connection.ops.adapt_datetimefield_value(timezone.now())
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE jobs_job")  # else the plan depends on when it last was
            cursor.execute("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
        cursor.execute(explain + query, {"lane": "batch", "since": since, "count": 7})
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert index in plan, plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_a_claim_asks_no_more_of_the_database_when_more_wait(user):
    asked = []
    for count in (10, 40):
        Job.objects.bulk_create(
            Job(owner=user, kind="test.echo", lane=lane)
            for lane in ("interactive", "batch")
            for _ in range(count)
        )
        started(user, *["interactive"] * 7, newest=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            claim_job(worker=f"w{count}")
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 12


def test_an_empty_queue_gives_nothing(db):
    UserFactory()
    assert claim_job(worker="w") is None
