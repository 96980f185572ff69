"""Warm networks: which ones a worker loads before its first job, and how to warm them up again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from enhance.options import EnhanceOptions
from enhance.services.device import default_quality
from enhance.services.face_support import face_support
from enhance.services.networks import chosen_network
from project.jobs.models import Worker, WorkerOrder
from project.jobs.orders import SILENT_AFTER, expire_orders, give_order
from project.jobs.preload import wanted_models

POLL_SECONDS = 0.5


def default_models(device: str) -> list[str]:
    """The network of the default quality on `device` (`cpu` or `cuda:N`).

    It is what most first jobs ask for, and cheap: 1.2 MB for the small network and 33 MB for the
    large one (bfloat16), loaded in well under a second. The others load as quickly at their
    first job, and are not worth their memory before it. A GPU restores faces by default, so
    what it needs for that is warm as well, where an operator has installed it.
    """
    kind = device.partition(":")[0]
    models = [chosen_network(EnhanceOptions(quality_level=default_quality(kind))).name]
    faces = face_support()
    if kind != "cpu" and faces.is_available:
        models += [name for name in (faces.detector, faces.network, faces.parser) if name]
    return models


def order_warm_up(
    *, models: Sequence[str], preload: Iterable[str], now: datetime | None = None
) -> list[WorkerOrder]:
    """Ask every living worker to warm `models` up, or what it preloads where none are named.

    Empty when no worker lives. Raises ServiceError model_unknown.
    """
    now = now or timezone.now()
    living = Worker.objects.filter(live=True, draining=False, last_seen__gte=now - SILENT_AFTER)
    return [
        give_order(worker=worker.name, action=WorkerOrder.Action.WARM, model=model, by=None)
        for worker in living.order_by("name")
        for model in models or wanted_models(preload, device=worker.device)
    ]


def follow_orders(
    orders: Sequence[WorkerOrder], *, sleep: Callable[[float], None]
) -> Iterable[WorkerOrder]:
    """Each order once it is settled, in the order of settling.

    An order that its worker does not take or finish in time ends as expired.
    """
    open_ids = [order.pk for order in orders]
    while open_ids:
        expire_orders(now=timezone.now())
        settled = WorkerOrder.objects.filter(pk__in=open_ids, done_at__isnull=False)
        for order in settled.order_by("done_at", "pk"):
            open_ids.remove(order.pk)
            yield order
        if open_ids:
            sleep(POLL_SECONDS)
