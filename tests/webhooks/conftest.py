"""Jobs with a callback, and a clock."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from project.jobs.cancel import cancel_job
from project.jobs.submit import submit_job
from project.outbound.allow_list import AllowList
from project.webhooks.callbacks import attach_callback
from project.webhooks.deliver import deliver_next

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Clock:
    """Time that moves when it is told to."""

    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now

    def forward(self, **by):
        self.now += timedelta(**by)


class Middle(random.Random):
    """No jitter."""

    def uniform(self, low, high):
        return (low + high) / 2


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def middle():
    return Middle()


@pytest.fixture
def loopback(settings):
    """Webhooks may go to this machine, on any port that a test names."""
    settings.WEBHOOK_HTTP = True

    def allow(*ports):
        settings.WEBHOOK_ALLOW = AllowList.parse(f"127.0.0.1:{port}" for port in ports)

    return allow


@pytest.fixture
def ended(user, loopback):
    """A cancelled job whose end is to be told to a receiver, at noon."""

    def end(server, *, owner=None, path="/in", now=NOON):
        loopback(server.port)
        job = submit_job(owner=owner or user, kind="test.echo", params={}, now=now).job
        attach_callback(job=job, url=f"http://127.0.0.1:{server.port}{path}")
        return cancel_job(job=job, now=now)

    return end


@pytest.fixture
def deliver(clock, middle):
    """One attempt at the time of the clock."""
    return lambda **more: deliver_next(now=clock, rng=middle, **more)
