"""The auditor can fail: every kind of fault, planted by hand, is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from enhance.models import Enhancement
from project.images.models import ImageRecord
from project.jobs.models import Job, JobEvent, Worker
from tests.resilience import auditor

pytestmark = [pytest.mark.services, pytest.mark.django_db]

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ROOT = Path(settings.STORAGES["default"]["OPTIONS"]["location"])


def store(key):
    path = ROOT / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"result")


def picture(owner, key, purpose="result"):
    return ImageRecord.objects.create(
        owner=owner,
        purpose=purpose,
        file=key,
        sha256="0" * 64,
        size_bytes=6,
        format="PNG",
        width=1,
        height=1,
    )


@pytest.fixture
def job(user):
    """A job that succeeded in its second attempt, as it should look."""
    made = Job.objects.create(
        owner=user,
        kind="test.file",
        state="succeeded",
        seq=5,
        attempt=2,
        finished_at=NOW,
        idempotency_key="key",
    )
    names = ["queued", "started", "requeued", "started", "succeeded"]
    for number, name in enumerate(names, 1):
        JobEvent.objects.create(job=made, seq=number, name=name)
    key = f"jobs/{made.pk}/2/result.bin"
    store(key)
    picture(user, key)
    return made


def event(job, number):
    return JobEvent.objects.filter(job=job, seq=number)


def only(faults):
    (fault,) = faults
    return fault


def test_a_job_as_it_should_be_is_no_fault(job):
    answers = [(job.owner_id, "key", job.pk)] * 2
    assert auditor.audit() == auditor.audit_ended() == auditor.audit_answers(answers) == []
    assert auditor.audit_uploads() == auditor.audit_workers(dead={}) == []


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_job_that_never_ended_is_lost(job, state):
    lease = {"lease_token": uuid4(), "lease_until": NOW} if state == "running" else {}
    Job.objects.filter(pk=job.pk).update(state=state, **lease)
    assert only(auditor.audit_ended()) == f"job {job.pk.hex} is lost: still {state}"


def test_an_accepted_request_without_a_row_is_lost(job):
    told = only(auditor.audit_answers([(job.owner_id, "other", job.pk)]))
    assert told == f"job {job.pk.hex} is lost: key other was accepted and has no row"


def test_a_key_that_was_answered_with_two_jobs_is_named(job):
    other = uuid4()
    told = only(
        auditor.audit_answers([(job.owner_id, "key", job.pk), (job.owner_id, "key", other)])
    )
    assert told.startswith(f"key key was answered with job {other.hex}")


def test_a_second_result_is_named(job, user):
    key = f"jobs/{job.pk}/2/again.bin"
    store(key)
    picture(user, key)
    assert only(auditor.audit()).endswith("is succeeded with 2 result rows, not 1")


def test_the_result_of_an_attempt_that_lost_is_named(job):
    Job.objects.filter(pk=job.pk).update(attempt=3)
    assert only(auditor.audit()).startswith(f"job {job.pk.hex} ended in attempt 3, its result is")


def test_the_result_of_a_job_that_did_not_succeed_is_named(job):
    Job.objects.filter(pk=job.pk).update(state="failed")
    event(job, 5).update(name="failed")
    assert only(auditor.audit()).endswith("is failed with 1 result rows, not 0")


def test_a_task_that_does_not_show_its_result_is_named(job):
    Job.objects.filter(pk=job.pk).update(kind="enhance.photo")
    Enhancement.objects.create(id=job.pk, job=job, options={}, plan={})
    assert only(auditor.audit()).endswith("is succeeded, its task shows None")


def test_a_gap_in_the_events_is_named(job):
    event(job, 3).delete()
    assert "gap or repeat in events [1, 2, 4, 5], row says 5" in only(auditor.audit())


def test_events_beyond_the_row_are_named(job):
    Job.objects.filter(pk=job.pk).update(seq=4)
    assert "row says 4" in only(auditor.audit())


def test_a_second_end_is_named(job):
    event(job, 4).update(name="cancelled")
    assert only(auditor.audit()).endswith("its endings are ['cancelled', 'succeeded']")


def test_an_event_after_the_end_is_named(job):
    event(job, 4).update(name="succeeded")
    event(job, 5).update(name="progress")
    assert only(auditor.audit()).endswith("(5, 'progress') came after the end")


def test_a_lease_of_a_job_that_does_not_run_is_named(job):
    Job.objects.filter(pk=job.pk).update(lease_token=uuid4())
    assert "is succeeded with lease" in only(auditor.audit())


def test_a_file_without_a_row_is_named(job):
    for key in (f"jobs/{job.pk}/1/result.bin", "uploads/abc/original.png"):
        store(key)
    assert auditor.audit() == [
        f"file jobs/{job.pk}/1/result.bin without a row",
        "file uploads/abc/original.png without a row",
    ]


def test_a_row_without_a_file_is_named(job):
    (ROOT / f"jobs/{job.pk}/2/result.bin").unlink()
    assert only(auditor.audit()) == f"row jobs/{job.pk}/2/result.bin without a file"


def test_an_upload_without_a_job_is_named(user):
    picture(user, "uploads/abc/original.png", purpose="upload")
    assert only(auditor.audit_uploads()) == "upload uploads/abc/original.png belongs to no job"


def test_a_dead_worker_that_is_shown_as_ready_is_named():
    killed_at = timezone.now() - timedelta(seconds=10)
    for name, seen in (("ghost:1", 5), ("dead:2", 12), ("alive:3", 1)):
        seen_at = timezone.now() - timedelta(seconds=seen)
        Worker.objects.create(name=name, ready=True, last_seen=seen_at)
    dead = dict.fromkeys(["ghost:1", "dead:2"], killed_at)
    assert only(auditor.audit_workers(dead=dead)).startswith("worker ghost:1 is shown as ready")
    later = killed_at + auditor.SEEN_WITHIN + timedelta(seconds=1)
    assert auditor.audit_workers(dead=dead, now=later + timedelta(hours=1)) == []


def test_a_row_that_outlives_an_orderly_stop_is_named():
    Worker.objects.create(name="stopped:1", last_seen=NOW)
    Worker.objects.create(name="killed:2", last_seen=NOW)
    told = only(auditor.audit_stopped_workers(dead={"killed:2": NOW}))
    assert told == "worker stopped:1 stopped, its row is still there"
