"""The newest unfinished picture: one per run, gone with it, never a reason to fail."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisGone

from project.jobs import kinds, previews
from project.jobs.claim import claim_job
from project.jobs.models import Job, JobEvent
from project.jobs.previews import MAX_BYTES, JobPreviews, newest_preview
from project.jobs.run import run_next
from tests.jobs.kinds import EchoParams

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

seen = []


def show(*, job, context, files):
    """Show two pictures, then do as the parameters say."""
    context.step("stepping", 0, 2)
    context.preview(lambda: b"a picture")
    context.step("stepping", 1, 2, partial={"box": [0, 0, 1, 1]})
    seen.append(newest_preview(Job.objects.get(pk=job.pk)))
    if job.params["text"]:
        raise RuntimeError(job.params["text"])
    return kinds.Outcome(commit=lambda done: None)


@pytest.fixture(autouse=True)
def showing_kind(monkeypatch):
    seen.clear()
    kind = kinds.Kind(
        key="test.show", label="Show", params_serializer=EchoParams, unit="step",
        handler="tests.jobs.test_previews:show", stages={"stepping": "Stepping"},
    )  # fmt: skip
    monkeypatch.setitem(kinds._kinds, kind.key, kind)


@pytest.fixture
def running(submit):
    submit("test.show", params={"text": ""})
    return claim_job(worker="w")


@pytest.mark.parametrize(("text", "state"), [("", "succeeded"), ("broken", "failed")])
def test_a_run_shows_its_newest_preview_and_leaves_none_behind(submit, runtime, text, state):
    submit("test.show", params={"text": text})
    job = run_next(worker="w", runtime=runtime)
    assert job.state == state
    [shown] = seen
    assert shown.content == b"a picture"
    assert shown.version > 0
    assert cache.get(previews._key(job)) is None
    assert newest_preview(job) is None


def test_the_event_names_the_version_that_can_be_fetched(submit, runtime, monkeypatch):
    monkeypatch.setattr("project.jobs.progress.STORE_INTERVAL", timedelta(0))
    monkeypatch.setattr("project.jobs.progress.PUSH_INTERVAL", timedelta(0))
    submit("test.show", params={"text": ""})
    job = run_next(worker="w", runtime=runtime)
    event = JobEvent.objects.get(job=job, name="partial")
    assert (event.data["preview"], event.data["box"]) == (seen[0].version, [0, 0, 1, 1])


def test_versions_grow_also_over_the_attempts_of_a_job(running):
    first = JobPreviews(running)
    versions = [first(b"1"), first(b"2")]
    running.attempt += 1
    versions.append(JobPreviews(running)(b"3"))
    assert versions == sorted(set(versions))


def test_a_run_that_lost_its_lease_does_not_overwrite_its_successor(running):
    late = JobPreviews(running)
    Job.objects.filter(pk=running.pk).update(attempt=running.attempt + 1)
    successor = Job.objects.get(pk=running.pk)
    JobPreviews(successor)(b"new")
    with late:
        late(b"old")
    assert newest_preview(successor).content == b"new"


@pytest.mark.parametrize("state", ["queued", "succeeded", "failed", "cancelled"])
def test_only_a_running_job_has_a_preview(running, state):
    JobPreviews(running)(b"picture")
    assert newest_preview(running) is not None
    running.state = state
    assert newest_preview(running) is None


def test_a_preview_that_is_too_large_is_not_kept(running, caplog):
    kept = JobPreviews(running)
    assert kept(b"x" * MAX_BYTES) is not None
    assert kept(b"x" * (MAX_BYTES + 1)) is None
    assert len(newest_preview(running).content) == MAX_BYTES


def test_a_preview_ends_by_itself(running):
    JobPreviews(running)(b"picture")
    client = cache._cache.get_client()
    left = client.ttl(cache.make_key(previews._key(running)))
    assert 0 < left <= previews.TTL_SECONDS


def test_a_dead_redis_is_one_warning_and_no_error(submit, runtime, monkeypatch, caplog):
    class Dead:
        def set(self, *args):
            raise RedisGone("no redis")

        def delete(self, *args):
            raise RedisGone("no redis")

        def get(self, *args):
            return None

    monkeypatch.setattr(previews, "cache", Dead())
    submit("test.show", params={"text": ""})
    with caplog.at_level(logging.WARNING, "project.jobs.previews"):
        job = run_next(worker="w", runtime=runtime)
    assert job.state == "succeeded"
    warnings = [record for record in caplog.records if record.name == "project.jobs.previews"]
    assert len(warnings) == 1
    assert "no redis" in warnings[0].getMessage()
