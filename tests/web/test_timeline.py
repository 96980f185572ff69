"""The story of a job is told in steps that a person can follow."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from project.jobs.models import JobEvent
from project.web.job_facts import job_facts
from project.web.timeline import timeline
from tests.factories import JobFactory

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def events(job, *rows):
    """Stored events, one per (seconds after noon, name, data)."""
    made = []
    for seq, (seconds, name, data) in enumerate(rows, 1):
        event = JobEvent(job=job, seq=seq, name=name, data=data)
        event.at = NOON + timedelta(seconds=seconds)
        made.append(event)
    return made


def progress(seconds, stage, done, total=12):
    return (seconds, "progress", {"stage": stage, "done": done, "total": total})


def test_a_stage_is_one_step_with_its_duration_and_how_far_it_came(db):
    job = JobFactory(kind="enhance.photo")
    steps = timeline(
        job,
        events(
            job,
            (0, "queued", {}),
            (2, "started", {}),
            progress(3, "loading_model", 0),
            progress(5, "background", 0),
            progress(7, "background", 6),
            (9, "partial", {"stage": "background", "done": 12, "total": 12}),
            progress(10, "encode", 12),
            (11, "succeeded", {}),
        ),
    )
    assert [(step.text, step.detail, step.seconds) for step in steps] == [
        ("Queued", "", 2),
        ("Started", "", 1),
        ("Loading the network", "", 2),
        ("Enlarging", "12 of 12", 5),
        ("Writing the result", "", 1),
        ("Succeeded", "", None),
    ]


def test_a_stage_that_runs_twice_is_told_twice(db):
    job = JobFactory(kind="enhance.photo")
    steps = timeline(
        job,
        events(
            job,
            progress(0, "background", 0),
            (1, "requeued", {"reason": "draining"}),
            progress(2, "background", 0),
        ),
    )
    assert [step.text for step in steps] == ["Enlarging", "Queued again", "Enlarging"]
    assert "worker is restarting" in steps[1].detail


def test_a_failure_says_why(db):
    job = JobFactory(kind="enhance.photo")
    (step,) = timeline(job, events(job, (0, "failed", {"code": "storage"})))
    assert step.detail == "The result could not be stored."


def test_the_page_of_a_job_tells_its_steps_in_order(client, user):
    client.force_login(user)
    job = JobFactory(owner=user)
    for seq, name in enumerate(("queued", "started", "succeeded"), 1):
        JobEvent.objects.create(job=job, seq=seq, name=name)
    steps = client.get(f"/jobs/{job.pk}/").context["steps"]
    assert [step.name for step in steps] == ["queued", "started", "succeeded"]


@pytest.mark.parametrize(
    ("started", "finished", "waited", "ran"),
    [(None, None, 60, None), (20, None, 20, 40), (20, 50, 20, 30), (None, 30, 30, None)],
)
def test_waiting_and_running_are_counted_apart(db, started, finished, waited, ran):
    job = JobFactory.build(state="queued")
    at = timezone.now()
    job.created_at = at
    job.started_at = None if started is None else at + timedelta(seconds=started)
    job.finished_at = None if finished is None else at + timedelta(seconds=finished)
    facts = job_facts(job, now=at + timedelta(seconds=60))
    assert (facts.waited_seconds, facts.ran_seconds) == (waited, ran)
