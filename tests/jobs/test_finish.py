"""Every run ends once, in the state that its ending deserves."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from project.images.models import ImageRecord
from project.inference.errors import LeaseLost
from project.jobs import finish, progress
from project.jobs.cancel import cancel_job
from project.jobs.claim import claim_job
from project.jobs.drain import Drain
from project.jobs.kinds import Outcome
from project.jobs.models import Job
from project.jobs.run import run_next
from tests.jobs import kinds
from tests.jobs.events import names_of

pytestmark = [pytest.mark.services, pytest.mark.django_db]

NOTHING = Outcome(commit=lambda job: None)


def test_success_commits_state_result_and_versions_together(submit, runtime):
    job = submit("test.file")
    ended = run_next(worker="w", runtime=runtime)
    record = ImageRecord.objects.get(original_name=str(job.pk))
    assert (ended.state, ended.progress, ended.error_code) == ("succeeded", 1.0, "")
    assert record.file.startswith(f"jobs/{job.pk}/1/result")
    assert default_storage.exists(record.file)


def test_a_result_row_that_cannot_be_written_fails_the_job_and_leaves_no_file(
    submit, runtime, monkeypatch
):
    saved = []

    def broken(*, job, context, files):
        saved.append(files.save("half.bin", b"x"))

        def commit(done):
            raise RuntimeError("no row")

        return Outcome(commit=commit)

    monkeypatch.setattr(kinds, "file", broken)
    job = submit("test.file")
    ended = run_next(worker="w", runtime=runtime)
    assert (ended.state, ended.error_code) == ("failed", "internal_error")
    assert names_of(job) == ["queued", "started", "failed"]
    assert not default_storage.exists(saved[0])


def test_an_unexpected_error_fails_the_job_with_its_trace_for_operators(submit, runtime, caplog):
    job = submit("test.fail")
    ended = run_next(worker="w", runtime=runtime)
    assert (ended.state, ended.error_code) == ("failed", "internal_error")
    assert "RuntimeError: as asked" in ended.error_detail
    assert str(job.pk) in caplog.text
    assert names_of(job) == ["queued", "started", "failed"]


def test_the_detail_for_operators_is_capped(submit):
    submit()
    job = claim_job(worker="w")
    ended = finish.fail(job=job, code="internal_error", detail="x" * 100_000)
    assert len(ended.error_detail) == finish.MAX_DETAIL_CHARACTERS


def test_a_retryable_error_backs_off_and_then_fails(submit, runtime):
    job = submit("test.fail", params={"code": "out_of_memory"})
    for attempt in (1, 2):
        before = timezone.now()
        row = run_next(worker="w", runtime=runtime)
        pause = row.not_before - before
        assert (row.state, row.attempt, row.error_code) == ("queued", attempt, "out_of_memory")
        nominal = 5 * 2 ** (attempt - 1)
        assert timedelta(seconds=0.8 * nominal) <= pause <= timedelta(seconds=1.2 * nominal + 5)
        assert run_next(worker="w", runtime=runtime) is None
        Job.objects.filter(pk=job.pk).update(not_before=None)
    row = run_next(worker="w", runtime=runtime)
    assert (row.state, row.attempt, row.error_code) == ("failed", 3, "out_of_memory")
    assert names_of(job).count("requeued") == 2


def test_an_error_that_the_kind_does_not_list_fails_at_once(submit, runtime):
    submit("test.fail", params={"code": "model_unavailable"})
    row = run_next(worker="w", runtime=runtime)
    assert (row.state, row.attempt, row.error_code) == ("failed", 1, "model_unavailable")


@pytest.mark.parametrize("error", [OperationalError("database is locked"), InterfaceError("gone")])
def test_a_database_that_was_away_costs_an_attempt_and_not_the_job(
    submit, runtime, monkeypatch, error
):
    job = submit("test.file")
    written = ImageRecord.objects.create

    def away(**row):
        written(**row)
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(ImageRecord.objects, "create", away)
        row = run_next(worker="w", runtime=runtime)
    assert (row.state, row.attempt, row.error_code) == ("queued", 1, "storage")
    assert not ImageRecord.objects.exists()
    Job.objects.filter(pk=job.pk).update(not_before=None)
    assert run_next(worker="w", runtime=runtime).state == "succeeded"
    assert ImageRecord.objects.count() == 1


def test_a_commit_whose_answer_was_lost_keeps_its_files(submit, runtime, monkeypatch):
    submit("test.file")
    succeed = finish.succeed

    def lose_the_answer(**given):
        succeed(**given)
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(finish, "succeed", lose_the_answer)
    row = run_next(worker="w", runtime=runtime)
    assert row.state == "succeeded"
    assert default_storage.exists(ImageRecord.objects.get().file)


def test_the_back_off_doubles_up_to_five_minutes_and_spreads():
    class Middle(random.Random):
        def uniform(self, a, b):
            return (a + b) / 2

    pauses = [finish.back_off(attempt=n, rng=Middle()).total_seconds() for n in range(1, 9)]
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]
    spread = [finish.back_off(attempt=1, rng=random.Random(n)).total_seconds() for n in range(50)]
    assert 4 <= min(spread) < 4.5 < 5.5 < max(spread) <= 6


def test_a_job_of_a_kind_that_is_gone_fails_with_a_code(submit, runtime):
    job = submit()
    Job.objects.filter(pk=job.pk).update(kind="gone.kind")
    row = run_next(worker="w", runtime=runtime)
    assert (row.state, row.error_code) == ("failed", "unknown_kind")


def test_a_stopping_worker_gives_its_job_back_without_spending_the_attempt(
    submit, runtime, monkeypatch
):
    drain = Drain()
    job = submit("test.steps")

    def begin_while_running(*, job, context, files):
        drain.begin(grace=timedelta(0))
        context.step("stepping", 1, 3)

    with monkeypatch.context() as patch:
        patch.setattr(kinds, "steps", begin_while_running)
        row = run_next(worker="w", runtime=runtime, drain=drain)
    assert (row.state, row.attempt, row.not_before, row.lease_until) == ("queued", 0, None, None)
    assert run_next(worker="w", runtime=runtime, drain=drain) is None
    assert run_next(worker="next", runtime=runtime).state == "succeeded"
    assert names_of(job) == [
        "queued", "started", "progress", "requeued", "started", "progress", "succeeded",
    ]  # fmt: skip


def test_the_work_of_an_inactive_owner_is_not_begun(submit, runtime, user):
    submit()
    user.is_active = False
    user.save()
    row = run_next(worker="w", runtime=runtime)
    assert (row.state, row.error_code) == ("cancelled", "owner_deactivated")


def test_a_queued_job_is_cancelled_at_once(submit):
    job = submit()
    assert cancel_job(job=job).state == "cancelled"
    assert names_of(job) == ["queued", "cancelled"]
    assert claim_job(worker="w") is None


def test_cancelling_twice_or_too_late_changes_nothing(submit, runtime):
    job = submit()
    run_next(worker="w", runtime=runtime)
    before = Job.objects.filter(pk=job.pk).values().get()
    assert cancel_job(job=job).state == "succeeded"
    assert Job.objects.filter(pk=job.pk).values().get() == before


def test_a_cancelled_run_ends_cancelled_and_leaves_no_file(submit, runtime, monkeypatch):
    saved = []

    def cancel_midway(*, job, context, files):
        saved.append(files.save("half.bin", b"x"))
        cancel_job(job=job)
        context.step("writing", 1, 2)

    monkeypatch.setattr(kinds, "file", cancel_midway)
    job = submit("test.file")
    row = run_next(worker="w", runtime=runtime)
    assert (row.state, row.error_code) == ("cancelled", "cancelled")
    assert names_of(job) == ["queued", "started", "progress", "cancelled"]
    assert not default_storage.exists(saved[0])


WORKER_STORIES = {
    "succeed": ("claim", "report", "succeed"),
    "fail": ("claim", "report", "fail"),
    "retry": ("claim", "retry", "claim", "succeed"),
    "drain": ("claim", "give_back", "claim", "succeed"),
    "lost": ("claim", "lose", "claim", "succeed"),
}
OWNER_STORIES = (("cancel",), ("cancel", "cancel"))


def interleavings(first, second):
    """Every order in which the steps of two stories can happen."""
    length = len(first) + len(second)
    for places in itertools.combinations(range(length), len(first)):
        one, other = iter(first), iter(second)
        yield [next(one) if place in places else next(other) for place in range(length)]


@pytest.mark.parametrize("story", WORKER_STORIES.values(), ids=WORKER_STORIES.keys())
@pytest.mark.parametrize("owner_story", OWNER_STORIES, ids=["once", "twice"])
def test_cancel_wins_or_finish_wins_never_both(user, submit, story, owner_story):
    for order in interleavings(story, owner_story):
        job = submit()
        outcome = play(job, order)
        row = Job.objects.get(pk=job.pk)
        endings = [n for n in names_of(job) if n in ("succeeded", "failed", "cancelled")]
        assert endings == [row.state], order
        expected = "cancelled" if outcome["accepted"] else story[-1].replace("fail", "failed")
        assert row.state == expected.replace("succeed", "succeeded"), order


def play(job, order):
    """Carry the steps out one by one; a worker whose job is gone stops, as a real one does."""
    held, accepted, now = None, False, timezone.now()
    for step in order:
        if step == "cancel":
            row = cancel_job(job=job, now=now)
            accepted = accepted or row.state == "cancelled" or row.cancel_requested_at is not None
        elif step == "claim":
            Job.objects.filter(pk=job.pk, state="queued").update(not_before=None)
            held = claim_job(worker="w", now=now)
        elif held is not None:
            held, now = work(step, held, now)
    return {"accepted": accepted}


def work(step, held, now):
    """One step of the worker: (the job it still holds, the time)."""
    from project.jobs.sweep import sweep

    try:
        if step == "report":
            row = progress.report(
                job=held, stage="s", done=1, total=2, progress=0.5, store=True, now=now
            )
            if row.cancel_requested_at is None:
                return held, now
            finish.cancel(job=held, now=now)
        elif step == "succeed":
            finish.succeed(job=held, outcome=NOTHING, now=now)
        elif step == "lose":
            now = held.lease_until + timedelta(seconds=1)
            sweep(now=now)
        elif step == "give_back":
            finish.give_back(job=held, now=now)
        else:
            finish.fail(job=held, code="storage", retryable=step == "retry", now=now)
    except LeaseLost:
        return None, now
    return None, now
