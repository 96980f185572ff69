"""The worker's side of orders."""

from __future__ import annotations

import pytest
from django.utils import timezone

from project.inference import registry
from project.inference.errors import ModelInUse, ModelUnavailable
from project.jobs.health import Health
from project.jobs.models import Worker, WorkerOrder
from project.jobs.order_clerk import OrderClerk
from project.jobs.orders import give_order
from project.jobs.preload import Preload
from tests.inference.fakes import spec_of

pytestmark = pytest.mark.django_db


class Maintenance:
    """Notes what it was asked for and fails as told."""

    def __init__(self):
        self.calls, self.error = [], None

    def warm(self, name):
        self._note("warm", name)

    def unload(self, name):
        self._note("unload", name)
        return 67

    def free_cache(self):
        self._note("free_cache")

    def _note(self, *call):
        self.calls.append(call)
        if self.error:
            raise self.error


@pytest.fixture(autouse=True)
def one_model(monkeypatch):
    """The platform knows one model."""
    monkeypatch.setattr(registry, "_specs", {"tiny": spec_of()})


@pytest.fixture
def maintenance():
    return Maintenance()


@pytest.fixture
def health(drain):
    return Health(drain=drain)


@pytest.fixture
def stops():
    """How often the worker was asked to stop."""
    return []


@pytest.fixture
def clerk(maintenance, drain, health, stops):
    Worker.objects.create(name="w", last_seen=timezone.now())
    return OrderClerk(
        worker="w",
        maintenance=maintenance,
        preload=Preload((), host=None, warm=None),
        drain=drain,
        health=health,
        stop=lambda: stops.append(True),
    )


def settled():
    return list(WorkerOrder.objects.order_by("pk").values_list("action", "outcome", "detail"))


def test_each_order_is_carried_out_once_in_its_order(clerk, maintenance, user):
    give_order(worker="w", action="warm", model="tiny", by=user)
    give_order(worker="w", action="unload", model="tiny", by=user)
    give_order(worker="w", action="free_cache", by=user)
    clerk.look()
    clerk.look()
    assert maintenance.calls == [("warm", "tiny"), ("unload", "tiny"), ("free_cache",)]
    assert settled() == [
        ("warm", "done", ""),
        ("unload", "done", "67 bytes"),
        ("free_cache", "done", ""),
    ]


def test_an_order_that_fails_says_why_and_the_worker_goes_on(clerk, maintenance, health, user):
    maintenance.error = ModelInUse("tiny is in use by 2 run(s)")
    give_order(worker="w", action="unload", model="tiny", by=user)
    clerk.look()
    assert settled() == [("unload", "failed", "model_in_use: tiny is in use by 2 run(s)")]
    assert health.is_sound


def test_an_error_nobody_thought_of_settles_the_order_too(clerk, maintenance, user):
    maintenance.error = ValueError("surprise")
    give_order(worker="w", action="free_cache", by=user)
    clerk.look()
    assert settled() == [("free_cache", "failed", "internal_error: ValueError: surprise")]


def test_an_order_during_which_the_device_fails_breaks_the_worker(
    clerk, maintenance, health, drain, user
):
    maintenance.error = ModelUnavailable("loading tiny")
    maintenance.error.__cause__ = RuntimeError("CUDA error: device-side assert triggered")
    give_order(worker="w", action="warm", model="tiny", by=user)
    clerk.look()
    assert settled() == [("warm", "failed", "model_unavailable: loading tiny")]
    assert (health.reason, drain.has_begun) == ("model_unavailable: loading tiny", True)


def test_drain_stops_the_worker_and_is_settled_before_the_process_can_end(clerk, user, stops):
    seen = []
    clerk._stop = lambda: seen.append(settled())
    give_order(worker="w", action="drain", by=user)
    clerk.look()
    assert seen == [[("drain", "done", "")]]


def test_a_draining_worker_takes_no_other_order(clerk, maintenance, drain, user, stops):
    drain.begin()
    give_order(worker="w", action="warm", model="tiny", by=user)
    give_order(worker="w", action="drain", by=user)
    clerk.look()
    assert maintenance.calls == []
    assert settled() == [
        ("warm", "failed", "draining: the worker is stopping"),
        ("drain", "done", ""),
    ]
    assert stops == [], "a second SIGTERM would cut the running steps short"


def test_missing_models_are_preloaded_when_they_come(clerk):
    runs = []
    clerk._preload.run = lambda: runs.append(True)
    clerk.look()
    assert runs == [True]
