"""What operators do from their page: by POST, after a question, with a trace."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from enhance.services.submit import submit_enhancement
from project.inference import registry
from project.jobs.models import Job, Worker, WorkerOrder
from project.uuid7 import uuid7
from tests.factories import JobFactory, UserFactory
from tests.images.samples import gradient, save

pytestmark = pytest.mark.django_db

YES = {"confirmed": "yes"}


@pytest.fixture
def person():
    return UserFactory(role="operator")


@pytest.fixture
def operator(client, person):
    client.force_login(person)
    return client


def running():
    now = timezone.now()
    return JobFactory(
        state="running",
        attempt=1,
        started_at=now,
        lease_token=uuid7(),
        lease_until=now + timedelta(minutes=1),
    )


def paths(job):
    return [f"/operator/jobs/{job.pk}/cancel/", f"/operator/jobs/{job.pk}/requeue/"]


def test_an_act_takes_a_post(operator):
    job = running()
    assert [operator.get(path).status_code for path in paths(job)] == [405, 405]
    job.refresh_from_db()
    assert (job.state, job.cancel_requested_at) == ("running", None)


def test_for_everybody_else_an_act_does_not_exist(client):
    job = running()
    client.force_login(job.owner)
    for path in paths(job):
        assert client.post(path, YES).status_code == 404
        assert client.get(path).status_code == 404
    job.refresh_from_db()
    assert (job.state, job.cancel_requested_at) == ("running", None)
    assert not LogEntry.objects.exists()


def test_a_forged_form_of_another_site_is_refused(person):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    job = running()
    assert [browser.post(path, YES).status_code for path in paths(job)] == [403, 403]
    assert not LogEntry.objects.exists()


def test_cancelling_asks_first_and_then_stops_the_job(operator):
    job = JobFactory()
    path = paths(job)[0]
    question = operator.post(path)
    assert "Are you sure?" in question.content.decode()
    job.refresh_from_db()
    assert job.state == "queued"
    assert operator.post(path, YES)["Location"] == "/operator/#running"
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_running_job_is_requeued_after_a_question(operator):
    job = running()
    path = paths(job)[1]
    assert operator.post(path).status_code == 200
    job.refresh_from_db()
    assert job.state == "running"
    operator.post(path, YES)
    job.refresh_from_db()
    assert (job.state, job.lease_token) == ("queued", None)


def test_a_failed_job_runs_again_as_a_new_one_of_its_owner(operator, user):
    upload = SimpleUploadedFile("a.png", save(gradient()), "image/png")
    job = submit_enhancement(owner=user, upload=upload, options={}).enhancement.job
    Job.objects.filter(pk=job.pk).update(state="failed", finished_at=timezone.now())
    operator.post(paths(job)[1])
    again = Job.objects.get(retry_of=job)
    assert (again.owner, again.state) == (user, "queued")


def test_every_act_leaves_an_entry_in_the_log(operator, person):
    cancelled, requeued = JobFactory(), running()
    operator.post(paths(cancelled)[0], YES)
    operator.post(paths(requeued)[1], YES)
    found = LogEntry.objects.order_by("pk").values_list("user", "object_id", "change_message")
    assert list(found) == [
        (person.pk, str(cancelled.pk), "cancel"),
        (person.pk, str(requeued.pk), "requeue"),
    ]


def test_a_refused_act_leaves_no_entry_and_says_why(operator):
    job = JobFactory(finished=True)
    answer = operator.post(paths(job)[1], follow=True)
    assert "The job has succeeded." in answer.content.decode()
    assert not LogEntry.objects.exists()


def test_a_job_that_is_gone_is_not_found(operator):
    assert operator.post(f"/operator/jobs/{uuid7()}/cancel/", YES).status_code == 404


@pytest.fixture
def workers():
    return [Worker.objects.create(name=name, last_seen=timezone.now()) for name in ("a", "b")]


def order(client, worker, **given):
    return client.post(f"/operator/workers/{worker.pk}/order/", {**YES, **given}, follow=True)


def given_orders():
    return list(WorkerOrder.objects.order_by("pk").values_list("worker", "action", "model"))


def test_an_order_reaches_the_worker_it_names_and_no_other(operator, person, workers):
    model = registry.all_specs()[0].name
    order(operator, workers[1], action="free_cache")
    order(operator, workers[0], action="warm", model=model)
    assert given_orders() == [("b", "free_cache", ""), ("a", "warm", model)]
    assert {row.requested_by for row in WorkerOrder.objects.all()} == {person}
    noted = LogEntry.objects.order_by("pk").values_list("object_repr", "change_message")
    assert list(noted) == [("b", "free_cache"), ("a", f"warm {model}")]


@pytest.mark.parametrize("action", ["drain", "unload"])
def test_an_order_that_destroys_something_asks_first(operator, workers, action):
    model = registry.all_specs()[0].name if action == "unload" else ""
    asked = order(operator, workers[0], action=action, model=model, confirmed="")
    page = asked.content.decode()
    assert "Are you sure?" in page
    assert f'name="action" value="{action}"' in page
    assert given_orders() == []
    order(operator, workers[0], action=action, model=model)
    assert given_orders() == [("a", action, model)]


def test_an_order_takes_a_post_and_an_operator(operator, workers, user):
    path = f"/operator/workers/{workers[0].pk}/order/"
    assert operator.get(path).status_code == 405
    operator.force_login(user)
    assert operator.post(path, {**YES, "action": "drain"}).status_code == 404
    assert given_orders() == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"action": "explode"}, "There is no such order."),
        ({"action": "warm", "model": "nothing"}, "This order needs a model that exists here."),
    ],
)
def test_an_order_that_nobody_can_carry_out_is_refused_with_the_reason(
    operator, workers, given, words
):
    assert words in order(operator, workers[0], **given).content.decode()
    assert given_orders() == []
    assert not LogEntry.objects.exists()


def test_an_order_to_a_worker_that_has_ended_says_so(operator, workers):
    gone = Worker(pk=workers[1].pk + 1)
    answer = order(operator, gone, action="drain")
    assert "This worker has ended." in answer.content.decode()
