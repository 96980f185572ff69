"""Export holds every job and event; erasure leaves none."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.privacy import erase_user, registry
from project.inference.errors import LeaseLost
from project.jobs import finish
from project.jobs.claim import claim_job
from project.jobs.kinds import Outcome
from project.jobs.models import Job, JobEvent, Worker
from project.jobs.orders import give_order
from project.jobs.personal_data import export_jobs
from project.jobs.submit import submit_job
from tests.factories import JobFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]


def test_the_room_takes_part_in_export_and_erasure():
    assert "jobs" in registry.exporters()
    assert "jobs" in {eraser.name for eraser in registry.erasers()}


def test_an_export_holds_every_own_job_with_its_events_and_no_other(user, stranger):
    own = submit_job(owner=user, kind="test.echo", params={}).job
    submit_job(owner=stranger, kind="test.echo", params={})
    exported = dict(export_jobs(user))
    assert [row["id"] for row in exported["jobs/jobs.json"]] == [str(own.pk)]
    assert [(row["job"], row["seq"], row["name"]) for row in exported["jobs/events.json"]] == [
        (str(own.pk), 1, "queued")
    ]


def test_an_export_holds_what_the_person_asked_of_workers(user, stranger):
    Worker.objects.create(name="w", last_seen=timezone.now())
    own = give_order(worker="w", action="drain", by=user)
    give_order(worker="w", action="free_cache", by=stranger)
    exported = dict(export_jobs(user))["jobs/worker_orders.json"]
    assert [(row["id"], row["action"]) for row in exported] == [(own.pk, "drain")]


def test_erasure_ends_a_running_job_and_its_worker_writes_nothing(user, stranger):
    submit_job(owner=user, kind="test.echo", params={})
    running = claim_job(worker="w")
    kept = JobFactory(owner=stranger)
    committed = []
    erase_user(user)
    with pytest.raises(LeaseLost):
        finish.succeed(job=running, outcome=Outcome(commit=committed.append))
    assert committed == []
    assert list(Job.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not JobEvent.objects.exists()
