"""Operators' pages: who gets in, what they see, what their actions do."""

from __future__ import annotations

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.urls import reverse

from project.jobs.models import Job, JobEvent, RunRate, Worker
from tests.factories import JobFactory, UserFactory
from tests.realtime.story import finish, queued, start

pytestmark = [pytest.mark.services, pytest.mark.django_db]

LIST = "/admin/jobs/job/"


@pytest.fixture
def operator(db, client):
    operator = UserFactory(role="operator", is_staff=True)
    client.force_login(operator)
    return operator


def act(client, action, *jobs, confirmed=True):
    data = {"action": action, ACTION_CHECKBOX_NAME: [str(job.pk) for job in jobs]}
    return client.post(LIST, {**data, "confirmed": "yes"} if confirmed else data)


def states():
    return sorted(Job.objects.values_list("state", flat=True))


def test_only_operators_get_in(client, user):
    job = queued(user)
    for url in (LIST, f"{LIST}{job.pk}/change/"):
        assert client.get(url).status_code == 302
    client.force_login(user)
    for url in (LIST, f"{LIST}{job.pk}/change/"):
        assert client.get(url).status_code == 404
    assert act(client, "cancel", job).status_code == 404
    assert states() == ["queued"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("model", [Job, JobEvent, Worker, RunRate])
def test_every_page_opens_in_both_languages(client, operator, user, model, language):
    from django.utils import timezone

    queued(user)
    Worker.objects.create(name="w1", last_seen=timezone.now())
    RunRate.objects.create(kind="test.echo", bucket="x")
    name = model._meta.model_name
    for url in (
        reverse(f"admin:jobs_{name}_changelist"),
        reverse(f"admin:jobs_{name}_change", args=[model.objects.first().pk]),
    ):
        response = client.get(url, HTTP_ACCEPT_LANGUAGE=language)
        assert response.status_code == 200
        assert f'lang="{language}"' in response.content.decode()


def test_nothing_is_edited_by_hand(client, operator, user):
    job = queued(user)
    url = f"{LIST}{job.pk}/change/"
    assert b'name="state"' not in client.get(url).content
    assert client.post(url, {"state": "succeeded"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{job.pk}/delete/", {"post": "yes"}).status_code == 403
    assert states() == ["queued"]


def test_the_lease_token_is_not_shown(client, operator, user):
    job = start(queued(user))
    assert str(job.lease_token) not in client.get(f"{LIST}{job.pk}/change/").content.decode()


def test_operators_do_not_read_what_a_room_told_the_owner_of_a_job(client, operator, user):
    job = queued(user)
    event = JobEvent.objects.filter(job=job).first()
    event.data = {"label": "pneumonia", "probability": 0.912, "draft": "In the right lower zone"}
    event.save()
    page = client.get(reverse("admin:jobs_jobevent_change", args=[event.pk])).content.decode()
    assert str(job.pk) in page
    assert not [word for word in ("pneumonia", "0.912", "right lower zone") if word in page]


@pytest.mark.parametrize("action", ["requeue", "fail", "cancel", "purge"])
def test_an_action_asks_first(client, operator, user, action):
    job = start(queued(user))
    page = act(client, action, job, confirmed=False)
    assert page.status_code == 200
    assert f'value="{job.pk}"' in page.content.decode()
    job.refresh_from_db()
    assert (job.state, job.seq) == ("running", 2)


def test_cancel_ends_waiting_jobs_and_asks_running_ones(client, operator, user):
    waiting, running = queued(user), start(queued(user))
    act(client, "cancel", waiting, running)
    waiting.refresh_from_db()
    running.refresh_from_db()
    assert waiting.state == "cancelled"
    assert (running.state, running.cancel_requested_at is not None) == ("running", True)


def test_fail_takes_the_job_from_its_worker(client, operator, user):
    job = start(queued(user))
    act(client, "fail", job)
    job.refresh_from_db()
    assert (job.state, job.error_code, job.lease_token) == ("failed", "operator_failed", None)
    assert job.events.last().name == "failed"


def test_fail_ends_a_waiting_job_and_leaves_an_ended_one(client, operator, user):
    waiting, ended = queued(user), finish(start(queued(user)))
    act(client, "fail", waiting, ended)
    assert states() == ["cancelled", "succeeded"]


def test_run_again_returns_a_running_job_to_the_queue(client, operator, user):
    job = start(queued(user))
    act(client, "requeue", job)
    job.refresh_from_db()
    assert (job.state, job.lease_token, job.events.last().name) == ("queued", None, "requeued")


def test_run_again_copies_a_failed_job_for_its_owner(client, operator, user):
    from django.utils import timezone

    failed = JobFactory(owner=user, state="failed", finished_at=timezone.now())
    act(client, "requeue", failed)
    copy = failed.retries.get()
    assert (copy.owner, copy.state) == (user, "queued")


def test_run_again_refuses_what_succeeded_and_goes_on(client, operator, user):
    done, running = finish(start(queued(user))), start(queued(user))
    page = act(client, "requeue", done, running)
    notes = [str(message) for message in page.wsgi_request._messages]
    assert any(str(done.pk) in note for note in notes)
    assert states() == ["queued", "succeeded"]


def test_purge_deletes_only_what_has_ended(client, operator, user):
    ended, running = finish(start(queued(user))), start(queued(user))
    act(client, "purge", ended, running)
    assert list(Job.objects.all()) == [running]
    assert not JobEvent.objects.filter(job_id=ended.pk).exists()


def test_who_did_what_to_a_job_is_on_record(client, operator, user):
    waiting, running, ended = queued(user), start(queued(user)), finish(start(queued(user)))
    act(client, "cancel", waiting)
    act(client, "fail", running)
    act(client, "requeue", ended)  # refused: nothing happened
    act(client, "purge", ended)
    log = LogEntry.objects.order_by("pk").values_list(
        "user", "object_id", "action_flag", "change_message"
    )
    assert list(log) == [
        (operator.pk, str(waiting.pk), CHANGE, "cancel"),
        (operator.pk, str(running.pk), CHANGE, "fail"),
        (operator.pk, str(ended.pk), DELETION, ""),
    ]
