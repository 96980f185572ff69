import pytest
from rest_framework.test import APIClient


@pytest.fixture
def probes(settings):
    """The site plus the views of tests/api/probes.py."""
    settings.ROOT_URLCONF = "tests.api.probes"


@pytest.fixture
def api(db, probes):
    """A client that sees answers, not exceptions."""
    return APIClient(raise_request_exception=False)
