"""A request becomes one queued job, or a coded refusal and nothing."""

from __future__ import annotations

import threading
from datetime import timedelta
from types import MappingProxyType

import pytest
from django.db import connections
from django.utils import timezone
from kombu.exceptions import OperationalError

from project.errors import ServiceError
from project.jobs import dispatch
from project.jobs.models import Job, JobEvent
from project.jobs.submit import fingerprint_of, submit_job
from tests.factories import JobFactory, UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture
def bells(monkeypatch):
    """The ids that were sent, in order; no broker."""
    sent = []
    monkeypatch.setattr(
        dispatch.current_app, "send_task", lambda name, args, retry: sent.append((name, args))
    )
    return sent


def refusal(**request):
    with pytest.raises(ServiceError) as caught:
        submit_job(**request)
    return caught.value


def test_a_submitted_job_is_queued_with_its_first_event(user, submit):
    job = submit("test.steps", params={"steps": 4})
    assert (job.state, job.seq, job.attempt, job.total_units) == ("queued", 1, 0, 4)
    assert job.params == {"steps": 4, "seconds": 0.0, "size": ""}
    assert list(JobEvent.objects.values_list("job", "seq", "name")) == [(job.pk, 1, "queued")]


def test_same_key_same_body_is_the_same_job(user):
    request = {"owner": user, "kind": "test.echo", "params": {"text": "a"}}
    attached = []
    first = submit_job(**request, idempotency_key="k", digests=["d1"], attach=attached.append)
    again = submit_job(**request, idempotency_key="k", digests=["d1"], attach=attached.append)
    assert (first.created, again.created) == (True, False)
    assert first.job.pk == again.job.pk
    assert attached == [first.job]
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [{"params": {"text": "b"}}, {"kind": "test.file"}, {"digests": ["d2"]}],
)
def test_same_key_other_body_is_refused(user, other):
    request = {"owner": user, "kind": "test.echo", "params": {"text": "a"}, "digests": ["d1"]}
    submit_job(**request, idempotency_key="k")
    error = refusal(**{**request, **other}, idempotency_key="k")
    assert (error.code, error.status) == ("idempotency_conflict", 409)
    assert Job.objects.count() == 1


def test_the_key_of_another_user_is_another_key(user, stranger):
    first = submit_job(owner=user, kind="test.echo", params={}, idempotency_key="k")
    second = submit_job(owner=stranger, kind="test.echo", params={}, idempotency_key="k")
    assert first.job.pk != second.job.pk


def test_the_fingerprint_ignores_the_order_of_parameters_but_not_of_uploads():
    one = fingerprint_of(kind="k", params={"a": 1, "b": 2}, digests=["x", "y"])
    assert one == fingerprint_of(
        kind="k", params=MappingProxyType({"b": 2, "a": 1}) | {}, digests=["x", "y"]
    )
    assert one != fingerprint_of(kind="k", params={"a": 1, "b": 2}, digests=["y", "x"])


@pytest.mark.django_db(transaction=True)
def test_twenty_concurrent_requests_with_one_key_make_one_job(user, bells):
    start = threading.Barrier(20)
    answers = []

    def post():
        try:
            start.wait()
            answers.append(submit_job(owner=user, kind="test.echo", params={}, idempotency_key="k"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 20
    assert len({answer.job.pk for answer in answers}) == 1
    assert sum(answer.created for answer in answers) == 1
    assert Job.objects.count() == 1
    assert len(bells) == 1


@pytest.mark.parametrize(
    ("request_part", "code", "fields"),
    [
        ({"kind": "no.such"}, "unknown_kind", set()),
        ({"kind": "test.steps", "params": {"steps": 0}}, "invalid", {"steps"}),
        ({"kind": "test.steps", "params": {"nonsense": 1}}, "invalid", {"nonsense"}),
        ({"idempotency_key": ""}, "invalid_idempotency_key", set()),
        ({"idempotency_key": "x" * 65}, "invalid_idempotency_key", set()),
        ({"idempotency_key": "a\nb"}, "invalid_idempotency_key", set()),
    ],
)
def test_a_bad_request_is_refused_with_a_code_and_leaves_nothing(user, request_part, code, fields):
    request = {"owner": user, "kind": "test.echo", "params": {}, **request_part}
    error = refusal(**request)
    assert (error.code, error.status, set(error.fields)) == (code, 400, fields)
    assert not Job.objects.exists()
    assert not JobEvent.objects.exists()


def test_a_full_queue_refuses_its_owner_only(user, stranger, settings):
    settings.QUEUE_LIMITS = {"interactive": 2, "batch": 1, "stream": 1}
    for _ in range(2):
        submit_job(owner=user, kind="test.echo", params={}, idempotency_key=None)
    error = refusal(owner=user, kind="test.echo", params={})
    assert (error.code, error.status) == ("queue_limit", 429)
    assert error.retry_after_seconds
    assert submit_job(owner=user, kind="test.echo", params={}, lane="batch").created
    assert submit_job(owner=stranger, kind="test.echo", params={}).created


def test_a_repeated_request_is_answered_even_when_the_queue_is_full(user, settings):
    settings.QUEUE_LIMITS = {"interactive": 1}
    request = {"owner": user, "kind": "test.echo", "params": {}, "idempotency_key": "k"}
    assert submit_job(**request).created
    assert not submit_job(**request).created


def test_a_failing_feature_row_takes_the_job_with_it(user):
    def attach(job):
        raise RuntimeError("no row")

    with pytest.raises(RuntimeError):
        submit_job(owner=user, kind="test.echo", params={}, attach=attach)
    assert not Job.objects.exists()


def test_the_bell_rings_only_after_the_commit(user, bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = submit_job(owner=user, kind="test.echo", params={}).job
        assert bells == []
    assert bells == [("jobs.run", [str(job.pk)])]
    assert Job.objects.get(pk=job.pk).dispatched_at is not None


def test_a_dead_broker_refuses_no_job(
    user, monkeypatch, django_capture_on_commit_callbacks, pushed
):
    def refuse(name, args, retry):
        raise OperationalError("connection refused")

    monkeypatch.setattr(dispatch.current_app, "send_task", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        job = submit_job(owner=user, kind="test.echo", params={}).job
    row = Job.objects.get(pk=job.pk)
    assert (row.state, row.dispatched_at) == ("queued", None)
    assert [change.event for change in pushed] == ["queued"]


@pytest.mark.django_db(transaction=True)
def test_a_publisher_that_raises_changes_nothing_for_the_job(user, bells, monkeypatch):
    from project.jobs import hooks

    def fall_over(change):
        raise ConnectionError("no redis")

    monkeypatch.setattr(hooks, "_publisher", fall_over)
    job = submit_job(owner=UserFactory(), kind="test.echo", params={}).job
    assert Job.objects.get(pk=job.pk).state == "queued"
    assert len(bells) == 1


def allow(user, *allowances):
    for number, seconds in enumerate(allowances):
        user.roles.create(code=f"r{number}", name="r", device_seconds_per_day=seconds)
    return type(user).objects.get(pk=user.pk)


def test_device_time_of_a_day_is_bounded_by_the_most_generous_role(user):
    owner = allow(user, 10, 60)
    now = timezone.now()
    ended = JobFactory(owner=owner, finished=True, finished_at=now, device_seconds=59)
    assert submit_job(owner=owner, kind="test.echo", params={}).created
    JobFactory(owner=owner, finished=True, finished_at=now, device_seconds=1)
    error = refusal(owner=owner, kind="test.echo", params={})
    assert (error.code, error.status, error.extra) == ("device_quota", 429, {"limit": 60})
    Job.objects.filter(pk=ended.pk).update(finished_at=now - timedelta(hours=25))
    assert submit_job(owner=owner, kind="test.echo", params={}).created


def test_a_role_without_a_limit_and_a_user_without_roles_are_not_bounded(user, stranger):
    for owner in (allow(user, 0, None), stranger):
        JobFactory(owner=owner, finished=True, device_seconds=1e9)
        assert submit_job(owner=owner, kind="test.echo", params={}).created
