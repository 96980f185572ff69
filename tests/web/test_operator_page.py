"""What the operators' page tells: all that is needed, never whose job or which picture."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enhance.models import Enhancement
from project.inference import registry
from project.jobs.models import Worker, WorkerOrder
from project.uuid7 import uuid7
from tests.factories import JobFactory, UserFactory

pytestmark = pytest.mark.django_db

PATHS = ("/operator/", "/operator/live/")
# Workers, lanes, orders, three lists of jobs, failures; five of who one is, one of the pill.
QUERIES = 13


@pytest.fixture
def operator(client):
    client.force_login(UserFactory(role="operator"))
    return client


def running(**given):
    now = timezone.now()
    return JobFactory(
        **{
            "state": "running",
            "kind": "enhance.photo",
            "worker": "gpu@here",
            "started_at": now,
            "lease_token": uuid7(),
            "lease_until": now + timedelta(seconds=20),
            **given,
        }
    )


def failed(**given):
    return JobFactory(
        **{"state": "failed", "finished_at": timezone.now(), "error_code": "storage", **given}
    )


def read(client, path="/operator/"):
    """The words of the page, without its tags."""
    page = client.get(path).content.decode()
    return " ".join(re.sub(r"<[^>]*>", " ", page.split("<main", 1)[-1].split("</main>")[0]).split())


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", [None, "user"])
def test_for_ordinary_users_the_page_does_not_exist(client, path, role):
    client.force_login(UserFactory(role=role))
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_is_asked_to_sign_in(client, path):
    assert client.get(path)["Location"].startswith("/accounts/sign-in/")


def test_a_running_job_tells_its_stage_its_steps_its_worker_and_its_attempt(operator):
    running(stage="upscale", done_units=12, total_units=64, attempt=2)
    words = read(operator)
    assert "12 of 64" in words
    assert "gpu@here" in words
    assert "2 of 3" in words
    assert "enhance.photo" not in words, "kinds are told in words"


def test_a_lease_that_ran_out_is_told(operator):
    running(lease_until=timezone.now() - timedelta(seconds=1))
    assert "Run out" in read(operator)


def test_the_oldest_job_of_the_queue_and_the_last_failure_are_listed(operator):
    waiting, broken = JobFactory(), failed()
    jobs = operator.get("/operator/").context["overview"].jobs
    assert [job.id for job in jobs.waiting] == [waiting.pk]
    assert [job.id for job in jobs.failed] == [broken.pk]


def test_lists_are_cut_and_the_page_says_how_much_there_is(operator):
    JobFactory.create_batch(12)
    assert "The first 10 of 12." in read(operator)


@pytest.mark.parametrize("path", PATHS)
def test_no_owner_no_address_no_file_and_no_picture_is_on_the_page(operator, path):
    owner = UserFactory(username="zanzibar-owner", email="zanzibar@example.org")
    jobs = [
        running(owner=owner, params={"zanzibar": 1}),
        JobFactory(owner=owner, kind="enhance.photo"),
        failed(owner=owner, kind="enhance.photo", error_detail="uploads/zanzibar.png is gone"),
    ]
    for job in jobs:
        Enhancement.objects.create(
            id=job.pk, job=job, source_name="zanzibar.png", options={}, plan={}
        )
    page = operator.get(path).content.decode()
    for job in jobs:
        assert str(job.pk) in page
    assert "zanzibar" not in page
    assert "/media/" not in page
    assert "<img" not in page


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"ready": True}, "Ready"),
        ({"ready": False}, "Warming up It takes no job before its models are loaded."),
        (
            {"ready": False, "trouble": "a: no room"},
            "Takes jobs, models missing It takes jobs, but",
        ),
        ({"trouble": "the device failed", "live": False}, "Stuck"),
        ({"draining": True}, "Draining"),
        ({"ready": True, "live": False}, "Stuck"),
        ({"ready": True, "last_seen": timezone.now() - timedelta(minutes=2)}, "Silent"),
    ],
)
def test_the_state_of_a_worker_is_told_in_words(operator, given, words):
    Worker.objects.create(**{"name": "gpu@here", "last_seen": timezone.now(), **given})
    assert f"gpu@here {words}" in read(operator)


def test_models_memory_and_use_of_the_device_are_told_with_units(operator):
    Worker.objects.create(
        name="gpu@here",
        last_seen=timezone.now(),
        ready=True,
        busy_share=0.63,
        residents=[
            {
                "name": "realesrgan-x4plus",
                "version": "1",
                "dtype": "bfloat16",
                "bytes": 33_600_000,
                "pins": 2,
                "last_used": timezone.now().isoformat(),
            }
        ],
        memory={
            "budget_bytes": 40_000_000_000,
            "models_bytes": 33_600_000,
            "device_total_bytes": 80_000_000_000,
            "device_free_bytes": 60_000_000_000,
            "peak_bytes": 1_500_000_000,
        },
    )
    words = read(operator)
    for told in ("63 % of the last minute", "60.0 GB of 80.0 GB free", "Models 34 MB",
                 "Other use 20.0 GB", "Budget 40.0 GB", "Peak 1.5 GB", "bfloat16", "2 runs"):  # fmt: skip
        assert told in words


def test_a_device_that_says_nothing_of_its_memory_has_a_page_too(operator):
    Worker.objects.create(name="gpu@here", last_seen=timezone.now(), memory={"peak_bytes": None})
    assert "No model is loaded." in read(operator)


def test_what_is_warm_is_not_offered_to_be_warmed_up(operator):
    resident = {"version": "1", "dtype": "float32", "bytes": 1, "pins": 0, "last_used": None}
    names = [spec.name for spec in registry.all_specs()]
    Worker.objects.create(
        name="gpu@here", last_seen=timezone.now(), residents=[{"name": names[0], **resident}]
    )
    view = operator.get("/operator/").context["overview"].workers[0]
    assert view.absent == names[1:]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Pending"),
        ({"taken_at": timezone.now()}, "In work"),
        (
            {"taken_at": timezone.now() - timedelta(seconds=61)},
            "In work It waits for the device behind the steps of jobs, or loads a model.",
        ),
        ({"done_at": timezone.now(), "outcome": "done"}, "Done"),
        ({"done_at": timezone.now(), "outcome": "failed", "detail": "in use"}, "Failed in use"),
        ({"done_at": timezone.now(), "outcome": "expired"}, "Expired"),
    ],
)
def test_how_an_order_ended_is_told_with_the_reason(operator, given, words):
    WorkerOrder.objects.create(
        worker="gpu@here", action="unload", model="a", created_at=timezone.now(), **given
    )
    assert words in read(operator)


def test_an_order_taken_just_now_needs_no_excuse(operator):
    now = timezone.now()
    WorkerOrder.objects.create(worker="w", action="free_cache", created_at=now, taken_at=now)
    assert "waits for the device" not in read(operator)


def test_the_page_asks_the_same_questions_for_one_job_and_for_forty(operator):
    counts, owner = [], UserFactory()
    for number in (1, 40):
        for n in range(number):
            running(worker=f"w{n}", owner=owner)
            JobFactory(owner=owner)
            failed(kind=f"kind.{n}", error_code=f"code_{n}", owner=owner)
            Worker.objects.create(name=f"{number}-{n}", last_seen=timezone.now(), ready=True)
        operator.get("/operator/")
        for path in PATHS:
            with CaptureQueriesContext(connection) as asked:
                operator.get(path)
            counts.append(len(asked))
    assert counts == [QUERIES, QUERIES - 1] * 2, "the live part has no pill"


def test_the_live_part_is_what_the_page_shows_and_nothing_around_it(operator):
    running()
    part = operator.get("/operator/live/").content.decode()
    assert "<html" not in part
    assert 'id="running"' in part
