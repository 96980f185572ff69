"""Only the holder of the lease writes: duplicates, silent workers and late finishers."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import connections
from django.utils import timezone

from project.images.models import ImageRecord
from project.inference.errors import LeaseLost
from project.jobs import finish, heartbeat, progress
from project.jobs.claim import claim_job
from project.jobs.files import AttemptFiles
from project.jobs.kinds import Outcome
from project.jobs.models import Job, JobEvent
from project.jobs.run import run_next
from project.jobs.sweep import sweep
from project.jobs.tasks import run
from tests.jobs import kinds
from tests.jobs.events import names_of

pytestmark = [pytest.mark.services, pytest.mark.django_db]

NOTHING = Outcome(commit=lambda job: None)


@pytest.mark.django_db(transaction=True)
def test_a_duplicate_delivery_has_one_effect(submit):
    job = submit("test.file")
    start = threading.Barrier(12)

    def deliver():
        try:
            start.wait()
            run(str(job.pk))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=deliver) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run(str(job.pk))
    row = Job.objects.get(pk=job.pk)
    assert (row.state, row.attempt) == ("succeeded", 1)
    assert ImageRecord.objects.filter(original_name=str(job.pk)).count() == 1
    assert names_of(job) == ["queued", "started", "progress", "succeeded"]


@pytest.fixture
def lost(submit):
    """A job that another worker has taken over: (the first worker's row, the second's)."""
    submit("test.file")
    first = claim_job(worker="silent")
    later = first.lease_until + timedelta(seconds=1)
    second = claim_job(worker="next", hint=first.pk, now=later)
    assert second.lease_token != first.lease_token
    return first, second


ENDINGS = {
    "succeed": lambda job: finish.succeed(job=job, outcome=NOTHING),
    "fail": lambda job: finish.fail(job=job, code="internal_error"),
    "fail_retryable": lambda job: finish.fail(job=job, code="storage", retryable=True),
    "cancel": lambda job: finish.cancel(job=job),
    "give_back": lambda job: finish.give_back(job=job),
    "report": lambda job: report(job, store=True),
    "report_ephemeral": lambda job: report(job, store=False),
}


def report(job, *, store):
    return progress.report(
        job=job, stage="s", done=1, total=2, progress=0.5, store=store, now=timezone.now()
    )


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
def test_a_worker_that_lost_its_lease_cannot_write(lost, ending, pushed):
    first, second = lost
    before = (Job.objects.filter(pk=first.pk).values().get(), names_of(first))
    with pytest.raises(LeaseLost):
        ending(first)
    assert (Job.objects.filter(pk=first.pk).values().get(), names_of(first)) == before
    assert finish.succeed(job=second, outcome=NOTHING).state == "succeeded"


def test_a_worker_that_lost_its_lease_leaves_no_result_row(lost, user):
    first, _ = lost
    written = []
    with pytest.raises(LeaseLost):
        finish.succeed(job=first, outcome=Outcome(commit=written.append))
    assert written == []


def test_a_heartbeat_of_a_lost_lease_renews_nothing(lost):
    first, second = lost
    assert heartbeat.beat(first) is False
    assert Job.objects.get(pk=first.pk).lease_until == second.lease_until
    assert heartbeat.beat(second) is True


def test_a_run_that_loses_its_lease_stops_and_leaves_no_file(submit, runtime, monkeypatch):
    job = submit("test.file")
    saved = []

    def save_then_lose(self, name, content, _save=AttemptFiles.save):
        key = _save(self, name, content)
        saved.append(key)
        Job.objects.filter(pk=job.pk).update(lease_token=uuid4(), worker="thief")
        return key

    monkeypatch.setattr(AttemptFiles, "save", save_then_lose)
    row = run_next(worker="w", runtime=runtime)
    assert (row.state, row.worker) == ("running", "thief")
    assert names_of(job) == ["queued", "started", "progress"]
    assert len(saved) == 1
    assert not default_storage.exists(saved[0])
    assert not ImageRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_long_single_step_keeps_its_lease(submit, runtime, settings, monkeypatch):
    settings.JOB_LEASE = timedelta(seconds=0.6)
    job = submit("test.echo")
    renewals = []

    def hold(*, job, context, files):
        """One step that lasts until the lease was renewed nine times: three leases long."""
        renewed = threading.Event()

        def beat(held, _beat=heartbeat.beat):
            alive = _beat(held)
            renewals.append(alive)
            if len(renewals) == 9:
                renewed.set()
            return alive

        monkeypatch.setattr(heartbeat, "beat", beat)
        assert renewed.wait(30)
        return NOTHING

    monkeypatch.setattr(kinds, "echo", hold)
    ended = run_next(worker="w", runtime=runtime)
    assert (ended.state, ended.attempt) == ("succeeded", 1)
    assert all(renewals)
    assert ended.finished_at - ended.started_at > 3 * settings.JOB_LEASE
    assert sweep().recovered == 0
    assert names_of(job) == ["queued", "started", "succeeded"]


def test_a_missed_heartbeat_does_not_end_the_run(submit, monkeypatch, settings):
    settings.JOB_LEASE = timedelta(seconds=0.03)
    submit()
    job = claim_job(worker="w")
    beats = threading.Semaphore(0)

    def stutter(held):
        from django.db import OperationalError

        beats.release()
        raise OperationalError("database is locked")

    monkeypatch.setattr(heartbeat, "beat", stutter)
    with heartbeat.Heartbeat(job) as beating:
        assert beats.acquire(timeout=30)
        assert beats.acquire(timeout=30)
        assert not beating.lost.is_set()


def test_a_job_that_kills_its_worker_three_times_fails_and_stops(submit):
    job = submit()
    now = timezone.now()
    for attempt in (1, 2, 3):
        claimed = claim_job(worker=f"w{attempt}", now=now)
        assert claimed.attempt == attempt
        now = claimed.lease_until + timedelta(seconds=1)
        assert sweep(now=now).recovered == 1
    row = Job.objects.get(pk=job.pk)
    assert (row.state, row.error_code) == ("failed", "worker_lost")
    assert claim_job(worker="w4", hint=job.pk, now=now + timedelta(days=1)) is None
    assert names_of(job) == [
        "queued", "started", "requeued", "started", "requeued", "started", "failed",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_seq_has_no_gap_and_no_repeat_under_concurrent_writers(submit):
    job = submit()
    claimed = claim_job(worker="w")

    def write():
        try:
            for _ in range(10):
                report(claimed, store=True)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = list(JobEvent.objects.filter(job=job).order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, 53))
    assert Job.objects.get(pk=job.pk).seq == 52
