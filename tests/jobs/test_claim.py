"""Which job a free thread gets."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
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
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + claim.FAIREST_QUEUED + claim.SKIP_LOCKED, params)
        else:
            cursor.execute("EXPLAIN QUERY PLAN " + claim.FAIREST_QUEUED, params)
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    for index in ("job_queue", "job_unfinished", "job_usage"):
        assert index in plan, plan
    assert "SCAN jobs_job" not in plan.replace("Scan", "")


def test_an_empty_queue_gives_nothing(db):
    UserFactory()
    assert claim_job(worker="w") is None
