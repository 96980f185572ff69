"""The same work again is a new job, linked to the old one."""

from __future__ import annotations

import pytest

from project.errors import ServiceError
from project.jobs import kinds
from project.jobs.cancel import cancel_job
from project.jobs.models import Job
from project.jobs.retry import retry_job

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def test_a_retry_is_a_new_queued_job_with_the_same_request(submit):
    old = cancel_job(
        job=submit("test.steps", params={"steps": 7}, lane="batch", idempotency_key="k")
    )
    new = retry_job(job=old)
    assert new.pk != old.pk
    assert (new.owner, new.kind, new.lane, new.params) == (
        old.owner, "test.steps", "batch", old.params,
    )  # fmt: skip
    assert (new.state, new.attempt, new.retry_of, new.idempotency_key) == ("queued", 0, old, None)
    assert Job.objects.get(pk=old.pk).state == "cancelled"


def test_a_retry_may_change_parameters_but_not_against_their_rules(submit):
    old = cancel_job(job=submit("test.steps"))
    assert retry_job(job=old, params={"steps": 9}).params["steps"] == 9
    with pytest.raises(ServiceError) as caught:
        retry_job(job=old, params={"steps": 0})
    assert caught.value.code == "invalid"


def test_a_retry_copies_the_feature_row(submit, monkeypatch):
    copied = []
    kind = kinds.get("test.echo")
    with_rows = kinds.Kind(
        **{**vars(kind), "resubmit": lambda old, new: copied.append((old.pk, new.pk))}
    )
    monkeypatch.setitem(kinds._kinds, "test.echo", with_rows)
    old = cancel_job(job=submit())
    new = retry_job(job=old)
    assert copied == [(old.pk, new.pk)]


def test_a_job_that_has_not_ended_is_not_retried(submit):
    with pytest.raises(ServiceError) as caught:
        retry_job(job=submit())
    assert (caught.value.code, caught.value.status) == ("not_retryable", 409)
    assert Job.objects.count() == 1


def test_a_job_of_a_kind_that_is_gone_is_not_retried(submit):
    old = cancel_job(job=submit())
    Job.objects.filter(pk=old.pk).update(kind="gone.kind")
    with pytest.raises(ServiceError) as caught:
        retry_job(job=Job.objects.get(pk=old.pk))
    assert caught.value.code == "unknown_kind"
