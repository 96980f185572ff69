"""What operators ask of one worker: given here, taken once by that worker, settled by it.

The row is the order; the worker looks for it every two seconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from project.errors import ServiceError
from project.inference import registry
from project.jobs.models import Worker, WorkerOrder

if TYPE_CHECKING:
    from accounts.models import User

Action = WorkerOrder.Action
Outcome = WorkerOrder.Outcome

ABOUT_A_MODEL = frozenset({Action.UNLOAD, Action.WARM})
SILENT_AFTER = timedelta(seconds=30)
TAKEN_WITHIN = timedelta(minutes=1)
SETTLED_WITHIN = timedelta(minutes=15)
KEPT = timedelta(days=14)


def give_order(
    *, worker: str, action: str, by: User | None, model: str = "", now: datetime | None = None
) -> WorkerOrder:
    """Ask one worker for `action`; an equal order that is still open is returned as it is.

    `by` is None for an order from the command line.

    Raises ServiceError: action_unknown (400), model_unknown (400) for a model that is not
    registered, is missing or has no place in this order, worker_unknown (404), worker_silent
    (409) for a worker that was not heard of in half a minute.
    """
    now = now or timezone.now()
    if action not in Action:
        raise ServiceError(_("There is no such order."), code="action_unknown")
    if not _fits(action, model):
        raise ServiceError(_("This order needs a model that exists here."), code="model_unknown")
    row = Worker.objects.filter(name=worker).first()
    if row is None:
        raise ServiceError(_("There is no such worker."), code="worker_unknown", status=404)
    if row.last_seen < now - SILENT_AFTER:
        raise ServiceError(_("The worker is silent."), code="worker_silent", status=409)
    expire_orders(now=now)
    order = WorkerOrder(worker=worker, action=action, model=model, requested_by=by, created_at=now)
    try:
        return _saved(order)
    except IntegrityError:
        equal = WorkerOrder.objects.filter(
            worker=worker, action=action, model=model, done_at__isnull=True
        ).first()
    # The worker may have settled the equal order meanwhile; then there is room for this one.
    return equal or _saved(order)


def take_order(*, worker: str, now: datetime | None = None) -> WorkerOrder | None:
    """The oldest order that waits for `worker`, marked as taken; None when nothing waits."""
    now = now or timezone.now()
    waiting = WorkerOrder.objects.filter(
        worker=worker, taken_at__isnull=True, done_at__isnull=True
    ).order_by("created_at", "pk")
    for order in waiting:
        taken = WorkerOrder.objects.filter(
            pk=order.pk, taken_at__isnull=True, done_at__isnull=True
        ).update(taken_at=now)
        if taken:
            order.taken_at = now
            return order
    return None


def settle_order(
    *, order: WorkerOrder, outcome: str, detail: str = "", now: datetime | None = None
) -> bool:
    """Write how a taken order ended, once; whether this call did."""
    return bool(
        WorkerOrder.objects.filter(pk=order.pk, done_at__isnull=True).update(
            done_at=now or timezone.now(), outcome=outcome, detail=detail
        )
    )


def expire_orders(*, now: datetime) -> int:
    """Settle what its worker did not take or finish in time; how many."""
    late = Q(taken_at__isnull=True, created_at__lt=now - TAKEN_WITHIN) | Q(
        taken_at__lt=now - SETTLED_WITHIN
    )
    return WorkerOrder.objects.filter(late, done_at__isnull=True).update(
        done_at=now, outcome=Outcome.EXPIRED
    )


def prune_orders(*, now: datetime) -> int:
    """Settle what is late and delete what is old; how many rows went."""
    expire_orders(now=now)
    return WorkerOrder.objects.filter(done_at__lt=now - KEPT).delete()[0]


def _saved(order: WorkerOrder) -> WorkerOrder:
    with transaction.atomic():
        order.save()
    return order


def _fits(action: str, model: str) -> bool:
    if action not in ABOUT_A_MODEL:
        return not model
    return model in {spec.name for spec in registry.all_specs()}
