"""Operators see the queue, the workers and what goes wrong; never whose or which picture."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enhance.models import Enhancement
from project.jobs.models import Worker
from project.uuid7 import uuid7
from project.web.queue_overview import lanes, recent_failures
from tests.factories import JobFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    client.force_login(UserFactory(role="operator"))
    return client


def failed(code, *, hours=1, **given):
    ended = timezone.now() - timedelta(hours=hours)
    return JobFactory(state="failed", error_code=code, finished_at=ended, **given)


def test_an_operator_sees_the_queue_and_the_workers(operator):
    JobFactory.create_batch(2)
    Worker.objects.create(name="gpu@here", last_seen=timezone.now(), ready=True)
    Worker.objects.create(name="gpu@there", last_seen=timezone.now() - timedelta(hours=1))
    answer = operator.get("/admin/")
    found = answer.context["overview"]
    assert found.states[0] == ("queued", "Queued", 2)
    assert [(worker.name, beats) for worker, beats in found.workers] == [
        ("gpu@here", True),
        ("gpu@there", False),
    ]
    assert "gpu@there" in answer.content.decode()


def test_every_lane_is_counted_with_its_oldest_wait():
    now = timezone.now()
    JobFactory(lane="batch")
    JobFactory(lane="batch", state="running", lease_token=uuid7(), lease_until=now)
    found = {str(lane.label): lane for lane in lanes(now=now + timedelta(seconds=60))}
    assert list(found) == ["Interactive", "Stream", "Batch"]
    assert (found["Batch"].queued, found["Batch"].running) == (1, 1)
    assert found["Batch"].oldest_queued_seconds == pytest.approx(60, abs=5)
    assert (found["Stream"].queued, found["Stream"].oldest_queued_seconds) == (0, 0.0)


def test_failures_of_the_last_day_are_counted_by_code_in_words():
    for _ in range(2):
        failed("storage", kind="enhance.photo")
    failed("out_of_memory", kind="enhance.photo")
    failed("worker_lost", kind="enhance.photo", hours=25)
    found = [(failure.code, failure.number) for failure in recent_failures()]
    assert found == [("storage", 2), ("out_of_memory", 1)]
    assert recent_failures()[0].meaning == "The result could not be stored."


def test_an_operator_reads_no_name_of_a_file_and_no_owner_on_the_overview(operator):
    owner = UserFactory(username="zanzibar-owner")
    job = failed("storage", kind="enhance.photo", owner=owner)
    Enhancement.objects.create(id=job.pk, job=job, source_name="zanzibar.png", options={}, plan={})
    for path in ("/admin/", "/admin/jobs/job/", f"/admin/jobs/job/{job.pk}/change/"):
        assert "zanzibar.png" not in operator.get(path).content.decode()
    assert "zanzibar" not in operator.get("/admin/").content.decode()


def test_the_overview_asks_as_many_questions_for_one_job_as_for_ten(operator):
    failed("storage")
    operator.get("/admin/")
    with CaptureQueriesContext(connection) as few:
        operator.get("/admin/")
    for number in range(9):
        failed(f"code_{number}", kind=f"kind.{number}")
        Worker.objects.create(name=f"w{number}", last_seen=timezone.now())
    with CaptureQueriesContext(connection) as many:
        operator.get("/admin/")
    assert len(many) == len(few)


def test_the_operators_site_wears_the_look_and_leads_back(operator):
    page = operator.get("/admin/").content.decode()
    assert "css/pages/admin" in page
    assert "css/tokens" in page
    assert 'href="/"' in page


def test_the_operators_site_follows_the_chosen_theme(operator):
    operator.cookies["omnilens_theme"] = "dark"
    assert "theme-dark" in operator.get("/admin/").content.decode()
