"""The number of queries of each list is pinned, and does not grow with its rows."""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiToken, Role, User
from enhance.models import Enhancement
from project.jobs.models import Job, JobEvent
from project.webhooks.callbacks import attach_callback
from tests.factories import ImageFactory, JobFactory, UserFactory
from tests.security.world import build_world
from tests.xray.factories import make_study

PINNED = Path(__file__).with_name("query_counts.json")
# A page also asks for its reader's roles, menu and queue pill, that of new work for presets and
# the networks that operators added.
LIMIT = {"api": 8, "page": 14}


def more_jobs(world, owner):
    params = world.job.params
    for _ in range(5):
        JobFactory(owner=owner, kind="enhance.photo", params=params)
        JobFactory(owner=owner, kind="enhance.photo", params=params, finished=True)


def more_events(world, owner):
    del owner
    start = world.job.events.count()
    for number in range(1, 6):
        JobEvent.objects.create(job=world.job, seq=100 + start + number, name="progress")


def more_images(world, owner):
    del world
    ImageFactory.create_batch(5, owner=owner)


def more_tasks(world, owner):
    for _ in range(5):
        job = JobFactory(owner=owner, kind="enhance.photo", params=world.job.params)
        Enhancement.objects.create(
            id=job.pk, job=job, source=ImageFactory(owner=owner), source_name="x.png",
            options=world.enhancement.options, plan=world.enhancement.plan,
        )  # fmt: skip


def more_people(world, owner):
    del world, owner
    for _ in range(5):
        UserFactory(role=Role.USER)


def more_roles(world, owner):
    del world, owner
    for number in range(5):
        Role.objects.create(code=f"extra-{timezone.now().timestamp()}-{number}", name="Extra")


def more_tokens(world, owner):
    del world
    for number in range(5):
        ApiToken.objects.create(owner=owner, name="x", prefix="omni_x", digest=f"{ApiToken.objects.count():064d}{number}"[-64:])  # fmt: skip


def more_deliveries(world, owner):
    for _ in range(5):
        job = JobFactory(owner=owner, finished=True)
        attach_callback(job=job, url="https://hooks.example.org/x")


def more_studies(world, owner):
    del world
    for _ in range(2):
        make_study(owner)
    make_study(owner, status="refused", refusal_code="low_quality")
    make_study(owner, status="deidentified")


LISTS = {
    "/": more_jobs,
    "/history/": more_jobs,
    "/enhance/": more_tasks,
    "/api/v1/jobs/": more_jobs,
    "/api/v1/jobs/{job}/events/": more_events,
    "/api/v1/images/": more_images,
    "/api/v1/tasks/": more_tasks,
    "/api/v1/xray/studies/": more_studies,
    "/api/v1/users/": more_people,
    "/api/v1/roles/": more_roles,
    "/api/v1/tokens/": more_tokens,
    "/api/v1/webhooks/deliveries/": more_deliveries,
    "/webhooks/": more_deliveries,
}


def queries(client, path):
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return len(captured)


@pytest.mark.parametrize("template", LISTS)
def test_list_queries_do_not_grow_with_rows(db, template):
    world = build_world()
    role = "administrator" if template == "/api/v1/users/" else "owner"
    owner = User.objects.get(pk=world.people[role].pk)
    client = world.client(role)
    path = template.format(job=world.job.pk)
    LISTS[template](world, owner)
    client.get(path)  # fills the caches of sessions and roles
    few = queries(client, path)
    LISTS[template](world, owner)
    client.get(path)
    many = queries(client, path)
    assert many == few
    assert few == json.loads(PINNED.read_text(encoding="utf-8"))[template]
    assert few <= LIMIT["api" if template.startswith("/api/") else "page"]


def test_the_pinned_file_names_the_lists_and_no_other():
    assert set(json.loads(PINNED.read_text(encoding="utf-8"))) == set(LISTS)


def test_the_rows_of_the_test_are_really_shown(db):
    world = build_world()
    more_jobs(world, world.people["owner"])
    assert len(world.client("owner").get("/api/v1/jobs/").json()["results"]) == 11
    assert Job.objects.count() == 11
