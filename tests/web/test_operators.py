"""The numbers that operators see, and their tables; never whose or which picture."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

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


def test_the_site_leads_to_the_page_of_queue_and_workers_and_repeats_none_of_it(operator):
    Worker.objects.create(name="gpu@here", last_seen=timezone.now(), ready=True)
    page = operator.get("/admin/").content.decode()
    assert 'href="/operator/"' in page
    assert "gpu@here" not in page


def test_every_lane_is_counted_with_its_oldest_wait():
    now = timezone.now()
    JobFactory(lane="batch")
    JobFactory(lane="batch", state="running", lease_token=uuid7(), lease_until=now)
    found = {lane.lane.name: lane for lane in lanes(now=now + timedelta(seconds=60))}
    assert list(found) == ["INTERACTIVE", "STREAM", "BATCH"]
    assert (found["BATCH"].queued, found["BATCH"].running) == (1, 1)
    assert found["BATCH"].oldest_queued_seconds == pytest.approx(60, abs=5)
    assert (found["STREAM"].queued, found["STREAM"].oldest_queued_seconds) == (0, 0.0)


def running(worker, lane="interactive"):
    return JobFactory(
        state="running",
        lane=lane,
        worker=worker,
        started_at=timezone.now(),
        lease_token=uuid7(),
        lease_until=timezone.now() + timedelta(seconds=20),
    )


def test_free_threads_are_those_that_the_claim_would_give(settings):
    settings.WORKER_THREADS = 4
    workers = [Worker(name=name) for name in ("a", "b")]
    running("a")
    running("a", lane="batch")
    running("elsewhere")
    found = {lane.lane.value: lane.threads_free for lane in lanes(workers=workers)}
    # Four threads each; of those batch and stream may hold two, and one on "a" is held.
    assert found == {"interactive": 2 + 4, "stream": 1 + 2, "batch": 1 + 2}


def test_the_parent_of_a_batch_does_not_wait_in_a_lane():
    JobFactory(lane="batch", max_attempts=0)
    assert [lane.queued for lane in lanes()] == [0, 0, 0]


def test_failures_of_the_last_day_are_counted_by_code_in_words():
    for _ in range(2):
        failed("storage", kind="enhance.photo")
    failed("out_of_memory", kind="enhance.photo")
    failed("worker_lost", kind="enhance.photo", hours=25)
    with override("en"):
        found = recent_failures()
    assert [(one.code, one.number) for one in found] == [("storage", 2), ("out_of_memory", 1)]
    assert found[0].meaning == "The result could not be stored."


def test_an_operator_reads_no_name_of_a_file_in_the_tables(operator):
    owner = UserFactory(username="zanzibar-owner")
    job = failed("storage", kind="enhance.photo", owner=owner)
    Enhancement.objects.create(id=job.pk, job=job, source_name="zanzibar.png", options={}, plan={})
    for path in ("/admin/jobs/job/", f"/admin/jobs/job/{job.pk}/change/"):
        assert "zanzibar.png" not in operator.get(path).content.decode()


def test_the_operators_site_wears_the_look_and_leads_back(operator):
    page = operator.get("/admin/").content.decode()
    assert "css/pages/admin" in page
    assert "css/tokens" in page
    assert 'href="/"' in page


def test_the_operators_site_follows_the_chosen_theme(operator):
    operator.cookies["omnilens_theme"] = "dark"
    assert "theme-dark" in operator.get("/admin/").content.decode()
