"""The owner's star on a job: in the API, on the page, and in every open tab."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from project.jobs.favourite import set_favourite
from project.jobs.models import Job
from tests.factories import JobFactory
from tests.realtime.client_model import ClientModel
from tests.realtime.sockets import hear, opened
from tests.realtime.story import afinish, aqueued, astart
from tests.realtime.tokens import api_token

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def star(job):
    return f"/api/v1/jobs/{job.pk}/favourite/"


@pytest.fixture
def signed_in(user):
    client = APIClient()
    client.force_login(user)
    return client


def test_an_owner_marks_a_job_and_takes_the_mark_away(signed_in, user):
    job = JobFactory(owner=user)
    marked = signed_in.put(star(job))
    assert (marked.status_code, marked.json()["favourite"]) == (200, True)
    assert Job.objects.get(pk=job.pk).is_favourite
    unmarked = signed_in.delete(star(job))
    assert (unmarked.status_code, unmarked.json()["favourite"]) == (200, False)
    assert not Job.objects.get(pk=job.pk).is_favourite


def test_a_repeated_mark_changes_nothing(signed_in, user):
    job = JobFactory(owner=user)
    first = signed_in.put(star(job)).json()
    assert signed_in.put(star(job)).json()["updated_at"] == first["updated_at"]
    assert signed_in.delete(star(JobFactory(owner=user))).status_code == 200


def test_a_mark_is_no_step_of_the_job(signed_in, user):
    job = JobFactory(owner=user, seq=1)
    assert signed_in.put(star(job)).json()["seq"] == 1
    assert job.events.count() == 0


def test_a_strangers_job_cannot_be_marked(signed_in, stranger):
    job = JobFactory(owner=stranger)
    for answer in (signed_in.put(star(job)), signed_in.delete(star(job))):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not Job.objects.get(pk=job.pk).is_favourite


@pytest.mark.parametrize(("scope", "status"), [("jobs:read", 403), ("jobs:write", 200)])
def test_a_token_needs_the_scope_to_write(user, scope, status):
    client = APIClient(HTTP_AUTHORIZATION=api_token(user, scope))
    job = JobFactory(owner=user)
    assert client.put(star(job)).status_code == status
    assert Job.objects.get(pk=job.pk).is_favourite is (status == 200)


def test_lists_are_narrowed_to_the_marked_ones(signed_in, user):
    marked, plain = JobFactory(owner=user, is_favourite=True), JobFactory(owner=user)

    def found(query):
        return [job["job"] for job in signed_in.get("/api/v1/jobs/", query).json()["results"]]

    assert found({"favourite": "true"}) == [str(marked.pk)]
    assert found({"favourite": "false"}) == [str(plain.pk)]
    assert len(found({})) == 2


def test_polling_sees_the_mark(signed_in, user):
    job = JobFactory(owner=user)
    Job.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    since = timezone.now().isoformat()
    signed_in.put(star(job))
    changed = signed_in.get("/api/v1/jobs/", {"updated_since": since}).json()["results"]
    assert [(row["job"], row["favourite"]) for row in changed] == [(str(job.pk), True)]


@pytest.mark.django_db(transaction=True)
async def test_another_tab_learns_the_mark(user):
    job = await afinish(await astart(await aqueued(user)))
    async with opened(user) as socket:
        model = ClientModel()
        model.apply(await hear(socket))
        await mark(job)
        change = await hear(socket)
        assert model.apply(change) is None
    assert (change["ephemeral"], change["seq"], change["data"]) == (True, 3, {"favourite": True})
    assert model.jobs[str(job.pk)]["favourite"] is True


async def mark(job):
    from asgiref.sync import sync_to_async

    await sync_to_async(set_favourite)(job=job, favourite=True)


def test_the_star_on_a_page_is_a_form_that_leads_back(client, user):
    client.force_login(user)
    job = JobFactory(owner=user)
    answer = client.post(f"/jobs/{job.pk}/favourite/", {"favourite": "1", "next": "/history/?a=b"})
    assert (answer.status_code, answer["Location"]) == (302, "/history/?a=b")
    assert Job.objects.get(pk=job.pk).is_favourite
    answer = client.post(f"/jobs/{job.pk}/favourite/", {"favourite": "0"})
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert not Job.objects.get(pk=job.pk).is_favourite


def test_the_star_leads_to_no_other_site(client, user):
    client.force_login(user)
    job = JobFactory(owner=user)
    answer = client.post(
        f"/jobs/{job.pk}/favourite/", {"favourite": "1", "next": "https://elsewhere.example/"}
    )
    assert answer["Location"] == f"/jobs/{job.pk}/"


def test_a_stranger_cannot_use_the_star_of_a_page(client, user, stranger):
    client.force_login(user)
    job = JobFactory(owner=stranger)
    assert client.post(f"/jobs/{job.pk}/favourite/", {"favourite": "1"}).status_code == 404
    assert not Job.objects.get(pk=job.pk).is_favourite
