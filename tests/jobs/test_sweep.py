"""What no worker was told, or dropped, is found again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from kombu.exceptions import OperationalError

from project.images.sweep import sweep_orphans
from project.jobs import dispatch, recover
from project.jobs import sweep as sweeping
from project.jobs.cancel import cancel_job
from project.jobs.claim import claim_job
from project.jobs.models import Job, JobEvent, Worker
from project.jobs.prune import prune
from project.jobs.sweep import sweep
from tests.factories import JobFactory
from tests.jobs.events import names_of

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def broker(monkeypatch):
    """A broker that keeps the bells: `.rung` are job ids, `.waiting` is what it reports."""

    class Broker:
        rung: list[str] = []
        waiting: int | None = 0

    Broker.rung = []
    monkeypatch.setattr(
        dispatch.current_app, "send_task", lambda name, args, retry: Broker.rung.append(args[0])
    )
    monkeypatch.setattr(sweeping, "bells_waiting", lambda: Broker.waiting)
    return Broker


def after(seconds):
    return timezone.now() + timedelta(seconds=seconds)


def test_a_job_that_was_never_rung_for_is_rung_for_after_three_seconds(user, broker):
    job = JobFactory(owner=user)
    assert sweep(now=after(1)).rung == 0
    assert sweep(now=after(4)).rung == 1
    assert broker.rung == [str(job.pk)]
    assert Job.objects.get(pk=job.pk).dispatched_at is not None
    assert sweep(now=after(5)).rung == 0


def test_a_lost_bell_is_replaced_only_as_far_as_bells_are_missing(user, broker, settings):
    settings.WORKER_THREADS = 8
    jobs = [JobFactory(owner=user, dispatched_at=timezone.now()) for _ in range(3)]
    broker.waiting = 3
    assert sweep(now=after(60)).rung == 0
    broker.waiting = 1
    assert sweep(now=after(60)).rung == 2
    assert set(broker.rung) < {str(job.pk) for job in jobs}


def test_a_long_queue_gets_no_more_bells_than_there_are_threads(user, broker, settings):
    settings.WORKER_THREADS = 4
    Job.objects.bulk_create(
        Job(owner=user, kind="test.echo", dispatched_at=timezone.now()) for _ in range(50)
    )
    assert sweep(now=after(60)).rung == 4
    for name in ("a", "b"):
        Worker.objects.create(name=name, last_seen=after(120))
    assert sweep(now=after(120)).rung == 8


def test_without_a_broker_nothing_is_marked_as_rung_for(user, broker):
    job = JobFactory(owner=user)
    broker.waiting = None
    report = sweep(now=after(10))
    assert (report.rung, report.bells_waiting) == (0, None)
    assert Job.objects.get(pk=job.pk).dispatched_at is None


def test_the_broker_that_refuses_is_reported_and_does_not_raise(monkeypatch):
    monkeypatch.undo()

    def refuse():
        raise OperationalError("connection refused")

    monkeypatch.setattr(sweeping.current_app, "connection_for_write", refuse)
    assert sweeping.bells_waiting() is None


def test_an_expired_lease_goes_back_to_the_queue_and_is_rung_for(user, broker):
    JobFactory(owner=user)
    job = claim_job(worker="dead")
    assert sweep(now=job.lease_until - timedelta(seconds=1)).recovered == 0
    report = sweep(now=job.lease_until + timedelta(seconds=1))
    assert (report.recovered, report.rung) == (1, 1)
    row = Job.objects.get(pk=job.pk)
    assert (row.state, row.attempt, row.lease_token, row.not_before) == ("queued", 1, None, None)
    assert JobEvent.objects.get(job=job, name="requeued").data == {"reason": "worker_lost"}


def test_a_job_that_was_to_be_cancelled_is_not_run_again_after_its_worker_died(user):
    JobFactory(owner=user)
    job = claim_job(worker="dead")
    cancel_job(job=job)
    sweep(now=job.lease_until + timedelta(seconds=1))
    row = Job.objects.get(pk=job.pk)
    assert (row.state, row.error_code) == ("cancelled", "cancelled")


def test_a_job_whose_back_off_is_over_is_rung_for(user, broker):
    now = timezone.now()
    JobFactory(owner=user, attempt=1, not_before=now + timedelta(seconds=30))
    assert sweep(now=now + timedelta(seconds=29)).rung == 0
    assert sweep(now=now + timedelta(seconds=30)).rung == 1


def test_the_work_of_a_deactivated_owner_is_revoked(user, stranger):
    queued, other = JobFactory(owner=user, lane="batch"), JobFactory(owner=stranger, lane="batch")
    JobFactory(owner=user)
    running = claim_job(worker="w")
    user.is_active = False
    user.save()
    assert sweep().revoked == 2
    row = Job.objects.get(pk=queued.pk)
    assert (row.state, row.error_code) == ("cancelled", "owner_deactivated")
    assert Job.objects.get(pk=running.pk).cancel_requested_at is not None
    assert Job.objects.get(pk=other.pk).state == "queued"
    assert sweep().revoked == 0


def test_one_failing_row_never_stops_the_sweep(user, broker, monkeypatch, caplog):
    for _ in range(3):
        JobFactory(owner=user)
    jobs = [claim_job(worker="dead") for _ in range(3)]
    bad = jobs[0].pk

    def recover_unless_bad(*, job_id, now):
        if job_id == bad:
            raise RuntimeError("bad row")
        return recover.recover_if_expired(job_id=job_id, now=now)

    monkeypatch.setattr(sweeping, "recover_if_expired", recover_unless_bad)
    report = sweep(now=after(120))
    assert (report.recovered, report.failed) == (2, 1)
    assert str(bad) in caplog.text
    states = dict(Job.objects.values_list("pk", "state"))
    assert states == {bad: "running", jobs[1].pk: "queued", jobs[2].pk: "queued"}


def test_orphan_files_of_jobs_go_after_an_hour_but_never_those_of_a_running_attempt(user):
    JobFactory(owner=user)
    running = claim_job(worker="w")
    mine = default_storage.save(f"jobs/{running.pk}/1/a.png", ContentFile(b"a"))
    earlier = default_storage.save(f"jobs/{running.pk}/0/a.png", ContentFile(b"a"))
    gone = default_storage.save(
        "jobs/00000000-0000-7000-8000-000000000000/1/a.png", ContentFile(b"")
    )
    sweep_orphans(now=after(1800))
    assert all(default_storage.exists(key) for key in (mine, earlier, gone))
    sweep_orphans(now=after(7200))
    assert [default_storage.exists(key) for key in (mine, earlier, gone)] == [True, False, False]


def test_old_events_go_but_the_terminal_one_stays_with_its_job(user, settings):
    ended = JobFactory(owner=user, finished=True)
    waiting = JobFactory(owner=user)
    for seq, name in enumerate(("queued", "started", "progress", "succeeded"), start=1):
        JobEvent.objects.create(job=ended, seq=seq, name=name)
    JobEvent.objects.create(job=waiting, seq=1, name="queued")
    assert prune(now=timezone.now()).events == 0
    late = timezone.now() + settings.EVENT_RETENTION + timedelta(seconds=1)
    assert prune(now=late).events == 3
    assert names_of(ended) == ["succeeded"]
    assert names_of(waiting) == ["queued"]


def test_workers_that_are_long_gone_are_forgotten(db):
    now = timezone.now()
    Worker.objects.create(name="gone", last_seen=now - timedelta(days=2))
    Worker.objects.create(name="silent", last_seen=now - timedelta(hours=2))
    assert prune(now=now).workers == 1
    assert list(Worker.objects.values_list("name", flat=True)) == ["silent"]
