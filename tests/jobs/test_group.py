"""The parent of a batch counts its children and ends with them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from project.jobs import groups
from project.jobs.cancel import cancel_job
from project.jobs.claim import claim_job
from project.jobs.models import Job
from project.jobs.run import run_next
from project.jobs.sweep import sweep
from tests.jobs.events import names_of

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def batch(submit):
    """A parent and three children, of which the second fails."""
    parent = submit("test.batch", lane="batch")
    kinds = ("test.echo", "test.fail", "test.echo")
    return parent, [submit(kind, parent=parent, lane="batch") for kind in kinds]


def row(job):
    return Job.objects.get(pk=job.pk)


def test_a_batch_shows_how_many_of_its_children_have_ended(batch, runtime):
    parent, _ = batch
    run_next(worker="w", runtime=runtime)
    now = row(parent)
    assert (now.state, now.done_units, now.total_units) == ("queued", 1, 3)
    assert names_of(parent) == ["queued", "progress"]


def test_a_batch_with_a_failed_child_ends_failed(batch, runtime):
    parent, _ = batch
    for _ in range(3):
        run_next(worker="w", runtime=runtime)
    ended = row(parent)
    assert (ended.state, ended.error_code, ended.progress) == ("failed", "some_failed", 1.0)
    assert names_of(parent) == ["queued", "progress", "progress", "failed"]


def test_a_batch_of_successes_succeeds(submit, runtime):
    parent = submit("test.batch", lane="batch")
    submit("test.echo", parent=parent, lane="batch")
    run_next(worker="w", runtime=runtime)
    assert row(parent).state == "succeeded"


def test_cancelling_a_batch_cancels_its_children(batch, runtime):
    parent, children = batch
    running = claim_job(worker="w")
    cancel_job(job=parent)
    states = {child.pk: row(child).state for child in children}
    assert states.pop(running.pk) == "running"
    assert set(states.values()) == {"cancelled"}
    assert row(running).cancel_requested_at is not None
    assert row(parent).state == "queued"
    sweep(now=running.lease_until + timedelta(seconds=1))
    assert (row(running).state, row(parent).state) == ("cancelled", "cancelled")
    assert names_of(parent)[-1] == "cancelled"


def test_a_batch_whose_counter_died_is_settled_by_the_sweeper(batch, monkeypatch, runtime):
    parent, _ = batch
    with monkeypatch.context() as patch:
        patch.setattr(groups, "settle", lambda **_: None)
        for _ in range(3):
            run_next(worker="w", runtime=runtime)
    assert row(parent).state == "queued"
    assert sweep(now=timezone.now()).settled == 1
    assert row(parent).state == "failed"
    assert sweep(now=timezone.now()).settled == 0
