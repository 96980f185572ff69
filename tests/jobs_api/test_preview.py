"""The unfinished result over HTTP: its owner's alone, never kept by anybody."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from project.jobs.models import Job
from project.jobs.previews import JobPreviews
from tests.factories import JobFactory
from tests.realtime.tokens import api_token

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture
def signed_in(user):
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def running(user):
    from uuid import uuid4

    from django.utils import timezone

    return JobFactory(
        owner=user, state="running", attempt=2, lease_token=uuid4(), lease_until=timezone.now()
    )


def address(job):
    return f"/api/v1/jobs/{job.pk}/preview/"


def test_the_owner_gets_the_newest_picture_with_its_version(signed_in, running):
    keep = JobPreviews(running)
    keep(b"old")
    version = keep(b"RIFFnewWEBP")
    answer = signed_in.get(address(running))
    assert (answer.status_code, answer.content) == (200, b"RIFFnewWEBP")
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Preview-Version"] == str(version)


def test_nobody_keeps_or_embeds_it(signed_in, running):
    JobPreviews(running)(b"picture")
    answer = signed_in.get(address(running))
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


def test_before_the_first_and_after_the_end_there_is_none(signed_in, running):
    assert signed_in.get(address(running)).status_code == 204
    JobPreviews(running)(b"picture")
    assert signed_in.get(address(running)).status_code == 200
    Job.objects.filter(pk=running.pk).update(state="queued")
    answer = signed_in.get(address(running))
    assert (answer.status_code, answer.content) == (204, b"")
    assert "no-store" in answer["Cache-Control"]


def test_a_strangers_preview_is_absent(running, stranger):
    JobPreviews(running)(b"picture")
    client = APIClient()
    assert client.get(address(running)).status_code == 401
    client.force_login(stranger)
    assert client.get(address(running)).status_code == 404


@pytest.mark.parametrize(("scope", "status"), [("images:read", 200), ("jobs:read", 403)])
def test_a_token_needs_the_scope_of_pictures(running, user, scope, status):
    JobPreviews(running)(b"picture")
    client = APIClient(HTTP_AUTHORIZATION=api_token(user, scope))
    assert client.get(address(running)).status_code == status
