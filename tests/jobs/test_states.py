"""Only listed moves are possible, whatever is tried, and the database agrees."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from project.jobs import states
from project.jobs.models import Job, JobEvent
from tests.factories import JobFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]

LISTED = {
    ("queued", "running"),
    ("queued", "cancelled"),
    ("running", "queued"),
    ("running", "succeeded"),
    ("running", "failed"),
    ("running", "cancelled"),
}
FIELDS_OF = {"running": lambda now: {"lease_token": uuid4(), "lease_until": now}}


def attempt(job, source, target):
    now = timezone.now()
    changes = FIELDS_OF.get(target, lambda now: {})(now)
    try:
        return states.move(job_id=job.pk, source=source, target=target, now=now, changes=changes)
    except states.IllegalTransition:
        return None


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    moves=st.lists(
        st.tuples(st.sampled_from(Job.State.values), st.sampled_from(Job.State.values)),
        max_size=8,
    )
)
def test_only_listed_transitions_are_possible(user, moves):
    with transaction.atomic():
        job = JobFactory(owner=user)
        state, events = "queued", []
        for source, target in moves:
            moved = attempt(job, source, target)
            assert (moved is not None) == (source == state and (source, target) in LISTED)
            if moved is not None:
                state = target
                events.append(states.EVENT_OF_ENTERING[target])
        row = Job.objects.get(pk=job.pk)
        assert row.state == state
        assert row.is_terminal == (row.finished_at is not None)
        assert (row.lease_token is not None) == (state == "running")
        written = JobEvent.objects.filter(job=job).order_by("seq").values_list("seq", "name")
        assert list(written) == list(enumerate(events, start=1))
        transaction.set_rollback(True)


def test_a_terminal_state_never_changes(user):
    for state in ("succeeded", "failed", "cancelled"):
        job = JobFactory(owner=user, finished=True, state=state)
        for source in Job.State.values:
            for target in Job.State.values:
                assert attempt(job, source, target) is None
        assert Job.objects.get(pk=job.pk).state == state


@pytest.mark.parametrize(
    "assignment",
    [
        "state = 'succeeded'",
        "state = 'failed'",
        "state = 'cancelled'",
        "state = 'running'",
        "progress = 1.5",
        "progress = -0.1",
        "attempt = -1",
    ],
)
def test_the_database_refuses_a_row_that_contradicts_itself(user, assignment):
    job = JobFactory(owner=user)
    key = job.pk.hex if connection.vendor == "sqlite" else str(job.pk)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE jobs_job SET {assignment} WHERE id = %s", [key])  # noqa: S608
    assert Job.objects.get(pk=job.pk).state == "queued"


def test_the_database_refuses_a_second_event_with_the_same_number(user):
    job = JobFactory(owner=user)
    JobEvent.objects.create(job=job, seq=1, name="queued")
    with pytest.raises(IntegrityError), transaction.atomic():
        JobEvent.objects.create(job=job, seq=1, name="started")
