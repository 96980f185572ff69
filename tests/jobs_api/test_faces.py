"""A job is recognised by name, page, picture and service, wherever it is listed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enhance.face import describe
from enhance.models import Enhancement
from project.images.signing import read_link
from project.jobs import kinds
from project.jobs.api.payload import job_payloads
from project.jobs.kinds import JobFace
from project.jobs.models import Job
from project.realtime.reads import read_snapshot
from project.web.job_cards import job_cards
from tests.factories import ImageFactory, JobFactory
from tests.realtime.kinds import ECHO

pytestmark = [pytest.mark.services, pytest.mark.django_db]

PARAMS = {
    "scale": 2.0, "quality_level": "fast", "width": 8, "height": 8, "source_format": "PNG",
    "device": "cpu", "passes": 1,
}  # fmt: skip
FACE = ("service", "title", "page_url", "thumbnail_url")


def enlargement(user, *, with_result=False, **more):
    job = JobFactory(owner=user, kind="enhance.photo", params=PARAMS, finished=with_result)
    Enhancement.objects.create(
        id=job.pk, job=job, source=ImageFactory(owner=user), options={}, plan={},
        result=ImageFactory(owner=user) if with_result else None,
        **{"source_name": "cat.jpg", **more},
    )  # fmt: skip
    return job


def face(job):
    payload = job_payloads([job])[0]
    return tuple(payload[name] for name in FACE)


def test_an_enlargement_shows_its_photo_until_it_has_a_result(user):
    waiting, done = enlargement(user), enlargement(user, with_result=True)
    service, title, page, picture = face(waiting)
    assert (service, title, page) == ("enhance", "cat.jpg", f"/enhance/{waiting.pk}/")
    assert read_link(picture.split("/")[2]).image == waiting.enhancement.source_id
    assert read_link(face(done)[3].split("/")[2]).image == done.enhancement.result_id


def test_an_enlargement_whose_pictures_are_gone_has_none(user):
    job = enlargement(user, source_name="")
    Enhancement.objects.update(source=None)
    job = Job.objects.get(pk=job.pk)
    assert face(job) == ("enhance", "Photo", f"/enhance/{job.pk}/", "")


def test_the_address_of_a_picture_does_not_change_between_two_polls(user):
    job = enlargement(user)
    assert face(job) == face(job)


def test_a_kind_without_faces_shows_its_label_and_the_page_of_the_job(user, monkeypatch):
    monkeypatch.setitem(kinds._kinds, ECHO.key, replace(ECHO, service="xray"))
    job = JobFactory(owner=user)
    assert face(job) == ("xray", "Echo", f"/jobs/{job.pk}/", "")


def test_a_kind_that_leaves_a_job_out_still_gives_it_a_face(user, monkeypatch):
    known, other = JobFactory(owner=user), JobFactory(owner=user)
    own = JobFace(title="Mine", page_url="/mine/")
    monkeypatch.setitem(kinds._kinds, ECHO.key, replace(ECHO, describe=lambda jobs: {known.pk: own}))  # fmt: skip
    assert [row["title"] for row in job_payloads([known, other])] == ["Mine", "Echo"]


def test_a_job_of_an_uninstalled_kind_has_a_face(user):
    job = JobFactory(owner=user, kind="gone.kind")
    assert face(job) == ("", "gone.kind", f"/jobs/{job.pk}/", "")


def test_a_card_of_a_page_shows_the_same_face(user):
    job = enlargement(user)
    card = job_cards([job])[0]
    assert tuple(getattr(card, name) for name in FACE) == face(job)
    assert not card.is_favourite


@pytest.mark.parametrize("read", ["snapshot", "cards"])
def test_faces_cost_the_same_for_two_and_for_forty_jobs(user, read):
    reads = {
        "snapshot": lambda: read_snapshot(user=user, language="en"),
        "cards": lambda: job_cards(Job.objects.filter(owner=user)),
    }
    counts = []
    for more in (1, 19):
        for number in range(more):
            enlargement(user, with_result=bool(number % 2))
            JobFactory(owner=user)
        with CaptureQueriesContext(connection) as queries:
            assert len(reads[read]()) >= 2 * more
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_jobs_read_through_their_enlargements_cost_no_further_query(
    user, django_assert_num_queries
):
    jobs = [enlargement(user, with_result=True) for _ in range(3)]
    rows = [row.job for row in Enhancement.objects.with_job().order_by("pk")]
    with django_assert_num_queries(0):
        faces = describe(rows)
    assert faces == describe(list(Job.objects.filter(pk__in=[job.pk for job in jobs])))
