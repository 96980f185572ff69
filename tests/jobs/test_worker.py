"""A worker process: its row, its readiness, and how it notices that it is deaf."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from celery.exceptions import WorkerShutdown
from django.utils import timezone

from project.inference.model_host import Resident
from project.jobs import presence, worker
from project.jobs.drain import Drain
from project.jobs.liveness import Liveness
from project.jobs.models import Worker
from project.jobs.presence import Presence, ready_workers
from tests.factories import JobFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]


ESRGAN = Resident(
    name="esrgan",
    version="1",
    dtype="bfloat16",
    bytes=67_000_000,
    pins=1,
    last_used=datetime(2026, 11, 26, 12, tzinfo=UTC),
)


class Clock:
    """Seconds that stand until they are moved."""

    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def deaf(monkeypatch):
    """How often the worker asked for its restart; the broker answers."""
    monkeypatch.setattr(presence, "bells_waiting", lambda: 0)
    return []


@pytest.fixture
def missing():
    return []


@pytest.fixture
def shown(clock, drain, deaf, missing):
    return Presence(
        name="w",
        device="cpu",
        residents=lambda: [ESRGAN],
        missing_weights=lambda: missing,
        drain=drain,
        liveness=Liveness(clock=clock),
        when_deaf=lambda: deaf.append(True),
    )


def test_a_worker_without_its_weights_is_not_ready_until_they_are_there(shown, missing):
    missing.append("realesrgan-x4plus")
    shown.show(now=timezone.now())
    assert not Worker.objects.get().ready
    missing.clear()
    shown.show(now=timezone.now())
    assert Worker.objects.get().ready


def test_a_worker_is_seen_with_its_device_and_models(shown):
    now = timezone.now()
    shown.show(now=now)
    row = Worker.objects.get()
    assert (row.name, row.device, row.running, row.ready) == ("w", "cpu", 0, True)
    assert row.residents == [
        {
            "name": "esrgan",
            "version": "1",
            "dtype": "bfloat16",
            "bytes": 67_000_000,
            "pins": 1,
            "last_used": "2026-11-26T12:00:00+00:00",
        }
    ]
    assert row.last_seen == now
    assert ready_workers(now=now + timedelta(seconds=30)) == 1
    assert ready_workers(now=now + timedelta(seconds=31)) == 0


def test_a_stopping_worker_is_not_ready(shown, drain):
    drain.begin(grace=timedelta(0))
    shown.show(now=timezone.now())
    assert Worker.objects.get().ready is False
    assert ready_workers() == 0


def waiting_for(seconds, user):
    JobFactory(owner=user)
    return timezone.now() + timedelta(seconds=seconds)


def test_an_idle_worker_that_hears_no_bell_for_a_minute_asks_for_its_restart(
    shown, clock, deaf, user
):
    now = waiting_for(61, user)
    clock.seconds = 60.0
    shown.show(now=now)
    assert deaf == []
    clock.seconds = 60.1
    shown.show(now=now)
    assert deaf == [True]


def test_a_worker_is_not_deaf_while_it_works_or_nothing_waits(user):
    clock = Clock()
    liveness = Liveness(clock=clock)
    clock.seconds = 100.0
    minute = timedelta(seconds=61)
    assert liveness.is_deaf(running=0, oldest_wait=minute)
    assert not liveness.is_deaf(running=1, oldest_wait=minute)
    assert not liveness.is_deaf(running=0, oldest_wait=timedelta(seconds=60))
    assert not liveness.is_deaf(running=0, oldest_wait=None)
    liveness.looked()
    assert not liveness.is_deaf(running=0, oldest_wait=minute)


def test_a_worker_is_not_restarted_while_the_broker_is_away(shown, clock, deaf, user, monkeypatch):
    monkeypatch.setattr(presence, "bells_waiting", lambda: None)
    clock.seconds = 1000.0
    shown.show(now=waiting_for(1000, user))
    assert deaf == []


def consumer_of(*queues):
    amqp = SimpleNamespace(queues=SimpleNamespace(consume_from=dict.fromkeys(queues)))
    return SimpleNamespace(app=SimpleNamespace(amqp=amqp))


def test_a_worker_without_its_device_ends_instead_of_failing_jobs(settings):
    settings.JOB_RUNTIME = "tests.jobs.runtime.no_such_runtime"
    with pytest.raises(WorkerShutdown):
        worker.appear(consumer_of("gpu"))
    assert not Worker.objects.exists()


def test_a_worker_of_another_queue_builds_no_runtime_and_shows_no_row(settings):
    settings.JOB_RUNTIME = "tests.jobs.runtime.no_such_runtime"
    worker.appear(consumer_of("default"))
    assert not Worker.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_ends_in_good_order_takes_its_row_with_it(shown):
    shown.start()
    assert Worker.objects.count() == 1
    shown.stop()
    assert not Worker.objects.exists()


def test_sigterm_begins_the_drain(monkeypatch):
    drain = Drain()
    monkeypatch.setattr(worker, "worker_drain", drain)
    worker.begin_to_stop(sig="SIGTERM", how="Warm", exitcode=0)
    assert drain.has_begun
