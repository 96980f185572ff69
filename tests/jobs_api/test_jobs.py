"""`/api/v1/jobs/`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from project.jobs.models import Job, JobEvent
from project.uuid7 import uuid7
from tests.factories import JobFactory, UserFactory
from tests.realtime.story import finish, progress, queued, start
from tests.realtime.tokens import api_token

pytestmark = [pytest.mark.services, pytest.mark.django_db]

URL = "/api/v1/jobs/"


@pytest.fixture
def client(user):
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def operator(db):
    return UserFactory(role="operator", is_staff=True)


def listed(client, **query):
    response = client.get(URL, query)
    assert response.status_code == 200, response.json()
    return [job["job"] for job in response.json()["results"]]


def ids(*jobs):
    return [str(job.pk) for job in jobs]


def test_a_list_holds_exactly_the_callers_jobs(client, user, stranger, operator):
    own = [queued(user) for _ in range(3)]
    queued(stranger)
    assert listed(client) == ids(*reversed(own))
    boss = APIClient()
    boss.force_login(operator)
    assert listed(boss) == []


def test_a_strangers_job_is_absent_everywhere(client, stranger):
    theirs = finish(start(queued(stranger)))
    never = uuid7()
    for pk in (theirs.pk, never):
        for method, path in [
            ("get", ""),
            ("get", "events/"),
            ("post", "cancel/"),
            ("post", "retry/"),
        ]:
            response = getattr(client, method)(f"{URL}{pk}/{path}")
            assert (response.status_code, response.json()["code"]) == (404, "not_found")
    theirs.refresh_from_db()
    assert theirs.state == "succeeded"
    assert theirs.retries.count() == 0


def test_an_anonymous_caller_sees_nothing(user):
    job = queued(user)
    for path in ("", f"{job.pk}/", f"{job.pk}/events/"):
        assert APIClient().get(URL + path).status_code == 401


def test_one_job_tells_what_the_list_tells(client, user):
    job = progress(start(queued(user)), 0.5)
    response = client.get(f"{URL}{job.pk}/")
    assert response.json() == client.get(URL).json()["results"][0]
    told = response.json()
    assert told["job"] == str(job.pk)
    assert (told["state"], told["stage"], told["progress"], told["seq"], told["attempt"]) == (
        "running", "echo", 0.5, 3, 1,
    )  # fmt: skip
    assert (told["error"], told["result_url"], told["finished_at"]) == (None, None, None)


def test_a_succeeded_job_names_its_result(client, user):
    job = finish(start(queued(user)))
    assert client.get(f"{URL}{job.pk}/").json()["result_url"] == f"/echo/{job.pk}/"


def test_a_failed_job_says_why_in_the_readers_language(client, user):
    job = JobFactory(
        owner=user, state="failed", error_code="echo_failed", error_detail="secret trace",
        finished_at=timezone.now(),
    )  # fmt: skip
    response = client.get(f"{URL}{job.pk}/", HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert response.json()["error"] == {
        "code": "echo_failed",
        "detail": "The echo was lost (zh-hans).",
    }
    assert b"secret trace" not in response.content


def test_a_job_of_an_uninstalled_kind_is_still_listed(client, user):
    job = JobFactory(owner=user, kind="gone.kind", finished=True)
    assert client.get(f"{URL}{job.pk}/").json()["result_url"] is None


def test_lists_are_narrowed_by_kind_and_state(client, user):
    waiting, done = queued(user), finish(start(queued(user)))
    other = JobFactory(owner=user, kind="gone.kind")
    assert listed(client, kind="test.echo") == ids(done, waiting)
    assert listed(client, state="queued") == ids(other, waiting)
    assert listed(client, state=["queued", "succeeded"]) == ids(other, done, waiting)
    assert listed(client, kind="no.such") == []


def test_polling_finds_what_changed_since(client, user):
    old, new = queued(user), queued(user)
    moment = timezone.now()
    Job.objects.filter(pk=old.pk).update(updated_at=moment - timedelta(hours=1))
    changed = progress(start(new), 0.5)
    since = client.get(f"{URL}{new.pk}/").json()["updated_at"]
    response = client.get(URL, {"updated_since": since})
    assert [job["job"] for job in response.json()["results"]] == ids(changed)
    assert response["Retry-After"] == "2"
    assert "Retry-After" not in client.get(URL)


def test_an_unchanged_poll_costs_no_body(client, user):
    job = finish(start(queued(user)))
    first = client.get(URL)
    again = client.get(URL, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    queued(user)
    assert client.get(URL, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200
    assert job.seq == 3


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "lost"}, "state"),
        ({"ordering": "owner__password"}, "ordering"),
        ({"updated_since": "yesterday"}, "updated_since"),
        ({"updated_since": "0001-01-01T00:00:00+23:00"}, "updated_since"),
        ({"kind": "a\x00b"}, "kind"),
    ],
)
def test_a_filter_that_makes_no_sense_is_named(client, query, field):
    response = client.get(URL, query)
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert list(response.json()["fields"]) == [field]


@pytest.mark.parametrize("ordering", ["-created_at", "created_at", "-updated_at", "updated_at"])
def test_pages_follow_each_other_without_gap_or_repeat(client, user, ordering):
    moment = timezone.now()
    jobs = [queued(user) for _ in range(7)]
    Job.objects.update(created_at=moment, updated_at=moment)  # ties are broken by the id
    url, found = f"{URL}?page_size=3&ordering={ordering}", []
    while url:
        page = client.get(url).json()
        found += [job["job"] for job in page["results"]]
        url = page["next"]
    expected = sorted(ids(*jobs))
    assert found == (expected[::-1] if ordering.startswith("-") else expected)


def test_a_list_costs_the_same_for_one_and_for_thirty_jobs(
    client, user, django_assert_max_num_queries
):
    finish(start(queued(user)))
    queued(user)
    counts = []
    for more in (0, 30):
        for _ in range(more):
            start(queued(user))
            queued(user)
        with django_assert_max_num_queries(8) as queries:
            client.get(URL, {"page_size": 100})
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_events_of_a_job_come_in_order(client, user):
    job = finish(progress(start(queued(user)), 0.5))
    events = client.get(f"{URL}{job.pk}/events/").json()["results"]
    assert [(event["seq"], event["event"]) for event in events] == [
        (1, "queued"), (2, "started"), (3, "progress"), (4, "succeeded"),
    ]  # fmt: skip
    assert set(events[0]) == {"seq", "event", "data", "at"}


def test_events_come_in_pages(client, user):
    job = queued(user)
    for seq in range(2, 12):
        JobEvent.objects.create(job=job, seq=seq, name="progress")
    page = client.get(f"{URL}{job.pk}/events/?page_size=6").json()
    rest = client.get(page["next"]).json()
    assert [event["seq"] for event in page["results"] + rest["results"]] == list(range(1, 12))


def test_a_waiting_job_is_cancelled_at_once(client, user):
    job = queued(user)
    told = client.post(f"{URL}{job.pk}/cancel/")
    assert (told.status_code, told.json()["state"]) == (200, "cancelled")
    job.refresh_from_db()
    assert (job.state, list(job.events.values_list("name", flat=True))) == (
        "cancelled", ["queued", "cancelled"],
    )  # fmt: skip


def test_a_running_job_is_asked_to_stop(client, user):
    job = start(queued(user))
    told = client.post(f"{URL}{job.pk}/cancel/").json()
    assert (told["state"], told["cancel_requested"]) == ("running", True)


def test_cancelling_an_ended_job_changes_nothing(client, user):
    job = finish(start(queued(user)))
    told = client.post(f"{URL}{job.pk}/cancel/")
    assert (told.status_code, told.json()["state"], told.json()["seq"]) == (200, "succeeded", 3)


def test_a_retry_is_a_new_job_linked_to_the_old(client, user):
    job = finish(start(queued(user)))
    response = client.post(f"{URL}{job.pk}/retry/")
    told = response.json()
    assert (response.status_code, told["retry_of"], told["state"]) == (202, str(job.pk), "queued")
    assert response["Location"] == f"{URL}{told['job']}/"
    assert ids(*job.retries.all()) == [told["job"]]


def test_a_job_that_has_not_ended_is_not_retried(client, user):
    response = client.post(f"{URL}{queued(user).pk}/retry/")
    assert (response.status_code, response.json()["code"]) == (409, "not_retryable")
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [("jobs:read", {"get"}), ("jobs:write", {"post"}), ("images:read", set())],
)
def test_a_token_does_only_what_its_scope_says(user, scope, allowed):
    job = queued(user)
    client = APIClient(HTTP_AUTHORIZATION=api_token(user, scope))
    done = {
        method
        for method, path in [("get", ""), ("get", f"{job.pk}/"), ("get", f"{job.pk}/events/"), ("post", f"{job.pk}/cancel/")]
        if getattr(client, method)(URL + path).status_code == 200
    }  # fmt: skip
    assert done == allowed


def test_retries_are_throttled_like_submits(client, user, settings):
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "submit": "1/day"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    job = finish(start(queued(user)))
    codes = [client.post(f"{URL}{job.pk}/retry/").status_code for _ in range(2)]
    assert codes == [202, 429]


def test_an_id_that_is_no_uuid_is_a_404(client):
    assert client.get(f"{URL}../../x/").status_code == 404
    assert client.get(f"{URL}1/").status_code == 404
