"""A worker process: its row, its readiness, and how it notices that it is deaf."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import ClassVar

import pytest
from celery.exceptions import WorkerShutdown
from django.utils import timezone
from redis.exceptions import BusyLoadingError

from project.inference.device_lease import DeviceLease, Rank
from project.inference.errors import ModelUnavailable
from project.inference.maintenance import Maintenance
from project.inference.model_host import Resident
from project.jobs import presence, worker
from project.jobs.claim import claim_job
from project.jobs.drain import Drain
from project.jobs.guard import Guard
from project.jobs.hand_back import hand_back
from project.jobs.health import ANY_JOB, Health
from project.jobs.liveness import Liveness
from project.jobs.models import Worker
from project.jobs.preload import Preload
from project.jobs.presence import Presence, ready_workers
from project.web.operator.workers import WorkerState, worker_state
from tests.factories import JobFactory
from tests.jobs.runtime import SmallRuntime

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
def drain(clock):
    """A worker that is not stopping."""
    return Drain(clock=clock)


@pytest.fixture(autouse=True)
def broker(monkeypatch):
    """The broker answers."""
    monkeypatch.setattr(presence, "bells_waiting", lambda: 0)


@pytest.fixture
def health(drain):
    return Health(drain=drain)


class Shown(SmallRuntime):
    """A runtime with one model; `missing` names weights that are not there."""

    missing: ClassVar[list[str]] = []

    def missing_weights(self):
        return self.missing


@pytest.fixture
def runtime(clock):
    shown = Shown(lease=DeviceLease(clock=clock))
    shown.host.residents = lambda: [ESRGAN]
    return shown


@pytest.fixture
def preload():
    """Nothing to preload, and that is done."""
    nothing = Preload((), host=None, warm=None)
    nothing.run()
    return nothing


@pytest.fixture
def shown(runtime, preload, clock, drain, health):
    return Presence(
        name="w",
        runtime=runtime,
        preload=preload,
        drain=drain,
        liveness=Liveness(clock=clock),
        health=health,
    )


def test_a_worker_without_its_weights_is_not_ready_until_they_are_there(shown, monkeypatch):
    monkeypatch.setattr(Shown, "missing", ["realesrgan-x4plus"])
    shown.show(now=timezone.now())
    row = Worker.objects.get()
    assert (row.ready, row.trouble) == (False, "weights realesrgan-x4plus are not on disk")
    monkeypatch.setattr(Shown, "missing", [])
    shown.show(now=timezone.now())
    row.refresh_from_db()
    assert (row.ready, row.trouble) == (True, "")


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
            "activation_bytes": None,
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


def test_ready_is_false_until_preload_is_done(shown, preload):
    preload.has_run = False
    shown.show(now=timezone.now())
    assert (Worker.objects.get().ready, Worker.objects.get().live) == (False, True)
    preload.run()
    shown.show(now=timezone.now())
    assert Worker.objects.get().ready


def test_a_worker_that_could_not_preload_says_why_and_is_not_ready(shown, preload, monkeypatch):
    monkeypatch.setattr(Preload, "trouble", "a: out_of_memory: no room")
    shown.show(now=timezone.now())
    row = Worker.objects.get()
    assert (row.ready, row.trouble) == (False, "a: out_of_memory: no room")


def test_a_worker_reports_trouble_once_its_preload_is_over(shown, preload, monkeypatch):
    monkeypatch.setattr(Preload, "trouble", "a: out_of_memory: no room")
    told = []
    for preload.has_run in (False, True):
        shown.show(now=timezone.now())
        row = Worker.objects.get()
        told.append(worker_state(row, now=row.last_seen))
    assert told == [WorkerState.WARMING_UP, WorkerState.INCOMPLETE]


def test_a_worker_tells_its_memory_and_how_busy_its_device_is(shown, runtime, clock):
    with runtime.lease.hold(Rank()):
        clock.seconds += 15
        shown.show(now=timezone.now())
    row = Worker.objects.get()
    assert (row.busy_share, row.step_seconds, row.waiting) == (0.25, 15.0, 0)
    assert row.memory == {
        "budget_bytes": 1000,
        "models_bytes": 0,
        "device_total_bytes": None,
        "device_free_bytes": None,
        "peak_bytes": None,
    }


def test_a_stuck_step_makes_the_worker_unhealthy(shown, runtime, clock, health, drain):
    with runtime.lease.hold(Rank(job="7")):
        clock.seconds += 60
        shown.show(now=timezone.now())
        assert Worker.objects.get().live
        assert health.is_sound
        clock.seconds += 1
        shown.show(now=timezone.now())
    row = Worker.objects.get()
    assert (row.live, row.ready, row.draining) == (False, False, True)
    assert row.trouble.startswith("the device has not moved for 61 s")
    assert (health.suspect, drain.has_begun) == ("7", True)


def test_a_batch_that_stands_still_makes_every_running_job_a_suspect(shown, runtime, clock, health):
    with runtime.lease.hold(Rank()):
        clock.seconds += 61
        shown.show(now=timezone.now())
    assert health.suspect == ANY_JOB


def test_a_worker_stuck_in_its_own_work_suspects_no_job(shown, runtime, clock, health, submit):
    submit()
    bystander = claim_job(worker="w")

    def stand_still():
        clock.seconds += 601
        shown.show(now=timezone.now())

    Maintenance(host=runtime.host, lease=runtime.lease, free=stand_still).free_cache()
    assert health.reason.startswith("the device has not moved for 601 s")
    assert health.suspect is None
    hand_back(worker="w", suspect=health.suspect, detail=health.reason)
    bystander.refresh_from_db()
    assert (bystander.state, bystander.attempt, bystander.error_code) == ("queued", 0, "")


def test_a_stuck_worker_gives_its_jobs_back_and_ends(shown, runtime, clock, health, drain, submit):
    submit(), submit()
    stuck, bystander = claim_job(worker="w"), claim_job(worker="w")
    left = []
    guard = Guard(
        drain=drain,
        health=health,
        stop_consuming=lambda: None,
        hand_back=lambda: hand_back(worker="w", suspect=health.suspect, detail=health.reason),
        leave=left.append,
    )
    with runtime.lease.hold(Rank(job=str(stuck.pk))):
        clock.seconds += 61
        shown.show(now=timezone.now())
        clock.seconds += 1
        assert guard.look()
    assert left == [1]
    stuck.refresh_from_db()
    bystander.refresh_from_db()
    assert (stuck.state, stuck.attempt, stuck.error_code) == ("queued", 1, "device_stuck")
    assert stuck.error_detail.startswith("the device has not moved for 61 s")
    assert (bystander.state, bystander.attempt, bystander.error_code) == ("queued", 0, "")


def test_a_device_that_is_gone_is_noticed_at_rest(shown, health, monkeypatch):
    def gone(self):
        raise RuntimeError("CUDA error: unspecified launch failure")

    monkeypatch.setattr(Shown, "memory", gone)
    shown.show(now=timezone.now())
    row = Worker.objects.get()
    assert (row.live, row.ready, row.memory) == (False, False, {})
    assert health.suspect is None


@pytest.mark.django_db(transaction=True)
def test_the_row_of_a_broken_worker_stays_to_be_seen(shown, health):
    health.break_down("the device failed")
    shown.stop(leave_row=True)
    row = Worker.objects.get()
    assert (row.live, row.trouble) == (False, "the device failed")


def waiting_for(seconds, user):
    JobFactory(owner=user)
    return timezone.now() + timedelta(seconds=seconds)


def test_an_idle_worker_that_hears_no_bell_for_a_minute_asks_for_its_restart(
    shown, clock, health, user
):
    now = waiting_for(61, user)
    clock.seconds = 60.0
    shown.show(now=now)
    assert health.is_sound
    clock.seconds = 60.1
    shown.show(now=now)
    assert health.reason == "it no longer hears the broker"


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


def test_a_worker_is_not_restarted_while_the_broker_is_away(
    shown, clock, health, user, monkeypatch
):
    monkeypatch.setattr(presence, "bells_waiting", lambda: None)
    clock.seconds = 1000.0
    shown.show(now=waiting_for(1000, user))
    assert health.is_sound


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_still_seen_after_an_error_nobody_thought_of(shown, monkeypatch):
    """The broker's own errors, for instance, while it reads its file after a restart."""
    beats, again = [], threading.Event()

    def show(*, now):
        beats.append(now)
        if len(beats) == 2:
            raise BusyLoadingError
        if len(beats) > 2:
            again.set()

    monkeypatch.setattr(presence, "BEAT", timedelta(seconds=0.01))
    monkeypatch.setattr(shown, "show", show)
    shown.start()
    assert again.wait(30)
    shown.stop()


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


@pytest.mark.parametrize("reason", ["", "the device failed"])
def test_the_row_of_a_worker_that_has_to_be_ended_is_gone_or_says_why(drain, monkeypatch, reason):
    health = Health(drain=drain)
    monkeypatch.setattr(worker, "worker_health", health)
    Worker.objects.create(name=worker.worker_name(), ready=True, last_seen=timezone.now())
    if reason:
        health.break_down(reason)
    worker.hand_back_and_vanish()
    rows = list(Worker.objects.values_list("live", "ready", "draining", "trouble"))
    assert rows == ([(False, False, True, reason)] if reason else [])


class Preloading:
    """A preload that lasts until it is let go."""

    def __init__(self, error=None):
        self.began, self.end, self.error = threading.Event(), threading.Event(), error

    def run(self):
        self.began.set()
        assert self.end.wait(30)
        if self.error:
            raise self.error


def test_no_job_is_taken_before_the_preload_is_done():
    preload, took_jobs = Preloading(), threading.Event()
    starting = threading.Thread(target=lambda: (worker._run_preload(preload), took_jobs.set()))
    starting.start()
    assert preload.began.wait(30)
    assert not took_jobs.wait(0.3)
    preload.end.set()
    starting.join(30)
    assert took_jobs.is_set()


def test_a_sigterm_does_not_wait_for_the_preload(monkeypatch):
    drain, preload = Drain(), Preloading()
    monkeypatch.setattr(worker, "worker_drain", drain)
    drain.begin()
    worker._run_preload(preload)
    assert not preload.end.is_set()
    preload.end.set()


def test_a_device_that_fails_in_the_preload_ends_the_start():
    preload = Preloading(error=ModelUnavailable("the device failed"))
    preload.end.set()
    with pytest.raises(ModelUnavailable):
        worker._run_preload(preload)


def test_a_restarted_container_has_another_worker_name():
    names = {worker.worker_name.__wrapped__() for _ in range(5)}
    assert len(names) > 1  # host and process are the same
    assert all(len(name) <= Worker._meta.get_field("name").max_length for name in names)
