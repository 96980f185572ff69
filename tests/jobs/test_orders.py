"""Orders to workers: who may be asked, who takes them, and that each happens once."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from project.errors import ServiceError
from project.inference import registry
from project.jobs import orders
from project.jobs.models import Worker, WorkerOrder
from project.jobs.orders import (
    expire_orders,
    give_order,
    prune_orders,
    settle_order,
    take_order,
)
from tests.inference.fakes import spec_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_model(monkeypatch):
    """The platform knows one model."""
    monkeypatch.setattr(registry, "_specs", {"tiny": spec_of()})


@pytest.fixture
def row():
    """A worker that was heard of just now."""
    return Worker.objects.create(name="w", last_seen=timezone.now())


def test_an_order_is_kept_with_who_gave_it(row, user):
    order = give_order(worker="w", action="warm", model="tiny", by=user)
    stored = WorkerOrder.objects.get()
    assert (stored.pk, stored.worker, stored.action, stored.model) == (
        order.pk,
        "w",
        "warm",
        "tiny",
    )
    assert (stored.requested_by, stored.taken_at, stored.done_at, stored.outcome) == (
        user, None, None, "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"worker": "nobody"}, "worker_unknown", 404),
        ({"model": "other"}, "model_unknown", 400),
        ({"model": ""}, "model_unknown", 400),
        ({"action": "drain"}, "model_unknown", 400),
        ({"action": "dance"}, "action_unknown", 400),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(row, user, changes, code, status):
    with pytest.raises(ServiceError) as refused:
        give_order(**({"worker": "w", "action": "unload", "model": "tiny", "by": user} | changes))
    assert (refused.value.code, refused.value.status) == (code, status)
    assert not WorkerOrder.objects.exists()


def test_a_silent_worker_is_given_no_order(row, user):
    later = row.last_seen + timedelta(seconds=31)
    with pytest.raises(ServiceError) as refused:
        give_order(worker="w", action="drain", by=user, now=later)
    assert (refused.value.code, refused.value.status) == ("worker_silent", 409)
    assert not WorkerOrder.objects.exists()


def test_the_same_order_given_twice_is_one_order_until_it_is_settled(row, user, stranger):
    first = give_order(worker="w", action="free_cache", by=user)
    assert give_order(worker="w", action="free_cache", by=stranger).pk == first.pk
    settle_order(order=first, outcome="done")
    assert give_order(worker="w", action="free_cache", by=user).pk != first.pk


def test_an_order_is_given_anew_when_its_equal_is_settled_at_that_moment(row, user, monkeypatch):
    first = give_order(worker="w", action="free_cache", by=user)

    @contextmanager
    def settled_in_between():
        try:
            with transaction.atomic():
                yield
        except IntegrityError:
            settle_order(order=first, outcome="done")
            raise

    monkeypatch.setattr(orders, "transaction", SimpleNamespace(atomic=settled_in_between))
    second = give_order(worker="w", action="free_cache", by=user)
    assert second.pk not in (None, first.pk)
    assert list(WorkerOrder.objects.filter(done_at__isnull=True)) == [second]


def test_a_worker_takes_its_own_orders_in_their_order_and_each_once(row, user):
    Worker.objects.create(name="other", last_seen=timezone.now())
    give_order(worker="other", action="drain", by=user)
    first = give_order(worker="w", action="warm", model="tiny", by=user)
    second = give_order(worker="w", action="free_cache", by=user)
    taken = [take_order(worker="w") for _ in range(3)]
    assert [order and order.pk for order in taken] == [first.pk, second.pk, None]
    assert WorkerOrder.objects.get(pk=first.pk).taken_at == taken[0].taken_at


def test_an_order_that_another_thread_took_meanwhile_is_not_taken_again(row, user, monkeypatch):
    order = give_order(worker="w", action="free_cache", by=user)
    assert take_order(worker="w").pk == order.pk
    # A reader whose list is older than that UPDATE still sees the order as waiting.
    monkeypatch.setattr(WorkerOrder.objects, "filter", StaleFirst([order]))
    assert take_order(worker="w") is None


class StaleFirst:
    """The first filter answers from the past, all others from the database."""

    def __init__(self, rows):
        self._answers = [rows]

    def __call__(self, **conditions):
        if self._answers:
            return Listed(self._answers.pop())
        return WorkerOrder._base_manager.filter(**conditions)


class Listed(list):
    """Rows that were read before."""

    def order_by(self, *fields):
        return self


def test_an_order_ends_once(row, user):
    order = give_order(worker="w", action="free_cache", by=user)
    assert settle_order(order=order, outcome="failed", detail="model_in_use: two runs")
    assert not settle_order(order=order, outcome="done")
    stored = WorkerOrder.objects.get()
    assert (stored.outcome, stored.detail) == ("failed", "model_in_use: two runs")


def test_an_order_nobody_took_or_finished_expires(row, user):
    now = row.last_seen
    give_order(worker="w", action="drain", by=user, now=now)
    taken = give_order(worker="w", action="free_cache", by=user, now=now)
    WorkerOrder.objects.filter(pk=taken.pk).update(taken_at=now)
    assert expire_orders(now=now + timedelta(seconds=60)) == 0
    assert expire_orders(now=now + timedelta(seconds=61)) == 1
    assert take_order(worker="w") is None
    assert expire_orders(now=now + timedelta(minutes=15, seconds=1)) == 1
    assert set(WorkerOrder.objects.values_list("outcome", flat=True)) == {"expired"}


def test_old_orders_go_and_open_ones_are_settled_first(row, user):
    now = row.last_seen
    give_order(worker="w", action="drain", by=user, now=now)
    assert prune_orders(now=now + timedelta(days=1)) == 0
    assert prune_orders(now=now + timedelta(days=14)) == 0
    assert prune_orders(now=now + timedelta(days=15, seconds=1)) == 1


def test_an_order_outlives_the_person_who_gave_it_without_the_name(row, user):
    give_order(worker="w", action="drain", by=user)
    user.delete()
    assert WorkerOrder.objects.get().requested_by is None
