"""Fixtures of the job tests."""

from __future__ import annotations

import pytest

from project.jobs import hooks
from project.jobs.drain import Drain
from project.jobs.submit import submit_job
from tests.jobs.runtime import SmallRuntime


@pytest.fixture(autouse=True)
def small_job_runtime(settings):
    """No torch in these tests."""
    settings.JOB_RUNTIME = "tests.jobs.runtime.small_runtime"


@pytest.fixture
def runtime():
    """A device lease of its own, and no models."""
    return SmallRuntime()


@pytest.fixture
def drain():
    """A worker that is not stopping."""
    return Drain()


@pytest.fixture
def pushed(monkeypatch):
    """What was published, in order."""
    changes = []
    monkeypatch.setattr(hooks, "_publisher", changes.append)
    return changes


@pytest.fixture
def submit(user):
    """Submit one job of `user` and return its row."""

    def submit_one(kind="test.echo", *, owner=None, params=None, **more):
        return submit_job(owner=owner or user, kind=kind, params=params or {}, **more).job

    return submit_one
