"""Fixtures of the API tests."""

import pytest
from rest_framework.test import APIClient

STUDIES = "/api/v1/xray/studies/"


@pytest.fixture
def api(user):
    """The user's client."""
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def send(api, film, version, private_files):
    """Submit one film and return the answer."""

    def submit(upload=None, *, key=None, **fields):
        headers = {"Idempotency-Key": key} if key else {}
        body = {"file": upload or film(), **fields}
        return api.post(STUDIES, body, format="multipart", headers=headers)

    return submit


@pytest.fixture
def reported(send, run_job, api):
    """A finished study, as its detail tells it."""

    def make(upload=None, **fields):
        answer = send(upload, **fields)
        assert answer.status_code == 202, answer.content
        run_job()
        return api.get(f"{STUDIES}{answer.json()['study_id']}/").json()

    return make
