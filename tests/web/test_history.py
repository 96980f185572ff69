"""The history finds every own job again, by whatever its owner remembers of it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework import serializers

from enhance.models import Enhancement
from project.jobs import kinds
from project.jobs.models import Job
from project.web import history
from tests.factories import JobFactory

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class NoParams(serializers.Serializer):
    pass


@pytest.fixture(autouse=True)
def paint(monkeypatch):
    """A kind that has no titles of its own."""
    kind = kinds.Kind(
        key="test.paint", label="Paint", params_serializer=NoParams, handler="none:none",
        stages={}, unit="strokes",
    )  # fmt: skip
    monkeypatch.setitem(kinds._kinds, kind.key, kind)


@pytest.fixture
def signed_in(client, user):
    client.force_login(user)
    return client


def photo(owner, name):
    """An enlargement of a photo called `name`."""
    job = JobFactory(owner=owner, kind="enhance.photo", finished=True)
    Enhancement.objects.create(id=job.pk, job=job, source_name=name, options={}, plan={})
    return str(job.pk)


def listed(client, path):
    return [str(card.job.pk) for card in client.get(path).context["cards"]]


def test_history_filters_by_kind_and_state(signed_in, user):
    photo = JobFactory(owner=user, kind="test.paint")
    done = JobFactory(owner=user, kind="test.paint", finished=True)
    JobFactory(owner=user, kind="other.kind")
    assert listed(signed_in, "/history/?kind=test.paint") == [str(done.pk), str(photo.pk)]
    assert listed(signed_in, "/history/?state=succeeded") == [str(done.pk)]


def test_paging_through_the_history_meets_every_job_once(signed_in, user, monkeypatch):
    monkeypatch.setattr(history, "PAGE_SIZE", 3)
    made = {str(JobFactory(owner=user).pk) for _ in range(8)}
    moment = timezone.now() - timedelta(hours=1)
    Job.objects.update(created_at=moment)  # equal times must not lose a row
    seen, path = [], "/history/"
    while path:
        answer = signed_in.get(path)
        seen += [str(card.job.pk) for card in answer.context["cards"]]
        older = answer.context["older"]
        path = f"/history/?before={older}" if older else None
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize(
    "query",
    [
        "kind=nothing",
        "state=odd",
        "before=x",
        "before=%00",
        "state=%F0%9F",
        "q=%00",
        "since=yesterday",
        "since=9999-12-31",
        "until=0001-01-01",
        "since=2026-11-22&until=2026-11-21",
    ],
)
def test_a_wrong_filter_is_a_400_and_a_page(signed_in, query):
    answer = signed_in.get(f"/history/?{query}")
    assert answer.status_code == 400
    assert "<form" in answer.content.decode()


def test_history_finds_a_job_by_a_part_of_the_name_of_its_photo(signed_in, user, stranger):
    beach, paint = photo(user, "Beach-2019.JPG"), str(JobFactory(owner=user, kind="test.paint").pk)
    photo(user, "cat.png")
    photo(stranger, "beach.png")
    assert listed(signed_in, "/history/?q=beach") == [beach]
    assert listed(signed_in, "/history/?q=PAIN") == [paint]
    assert listed(signed_in, "/history/?q=nowhere") == []


def test_history_takes_signs_of_the_search_language_literally(signed_in, user):
    percent = photo(user, "100%_a.png")
    photo(user, "100 b.png")
    assert listed(signed_in, "/history/?q=100%25_") == [percent]


def test_history_shows_favourites_alone(signed_in, user):
    loved = JobFactory(owner=user, is_favourite=True)
    JobFactory(owner=user)
    assert listed(signed_in, "/history/?favourite=on") == [str(loved.pk)]


def test_both_days_of_a_range_belong_to_it(signed_in, user):
    made = {}
    for days in range(4):
        with time_machine.travel(NOON - timedelta(days=days), tick=False):
            made[20 + 2 - days] = str(JobFactory(owner=user).pk)
    assert listed(signed_in, "/history/?since=2026-11-20&until=2026-11-21") == [made[21], made[20]]
    assert listed(signed_in, "/history/?since=2026-11-22") == [made[22]]
    assert listed(signed_in, "/history/?until=2026-11-19") == [made[19]]


def test_the_way_to_older_jobs_keeps_the_filter(signed_in, user, monkeypatch):
    monkeypatch.setattr(history, "PAGE_SIZE", 1)
    first = JobFactory(owner=user, kind="test.paint")
    JobFactory(owner=user, kind="other.kind")
    second = JobFactory(owner=user, kind="test.paint")
    page = signed_in.get("/history/?kind=test.paint").content.decode()
    assert f'href="?kind=test.paint&amp;before={second.pk}"' in page
    assert listed(signed_in, f"/history/?kind=test.paint&before={second.pk}") == [str(first.pk)]


def test_nothing_found_is_told_with_a_way_back(signed_in, user):
    JobFactory(owner=user)
    page = signed_in.get("/history/?state=failed").content.decode()
    assert "No job matches" in page
    assert page.count('href="/history/"') > signed_in.get("/history/").content.decode().count('href="/history/"')  # fmt: skip


def test_a_history_without_any_job_teaches_where_to_begin(signed_in, user):
    assert "No jobs yet" in signed_in.get("/history/").content.decode()


def test_the_star_is_a_form_that_returns_to_its_row(signed_in, user):
    job = JobFactory(owner=user)
    page = signed_in.get("/history/?state=queued").content.decode()
    assert f'name="next" value="/history/?state=queued#job-{job.pk}"' in page
    signed_in.post(f"/jobs/{job.pk}/favourite/", {"favourite": "1"})
    starred = signed_in.get("/history/").content.decode()
    assert 'name="favourite" value="0" aria-pressed="true"' in starred


def test_the_history_asks_as_many_questions_for_one_job_as_for_twenty(signed_in, user):
    photo(user, "a.png")
    with CaptureQueriesContext(connection) as few:
        signed_in.get("/history/?q=png")
    for number in range(19):
        photo(user, f"{number}.png")
    with CaptureQueriesContext(connection) as many:
        signed_in.get("/history/?q=png")
    assert len(many) == len(few)


def test_a_strangers_cursor_starts_at_the_newest(signed_in, user):
    own = JobFactory(owner=user)
    foreign = JobFactory()
    assert listed(signed_in, f"/history/?before={foreign.pk}") == [str(own.pk)]
