"""Orders to workers as the page shows them: what was asked, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from project.jobs.models import WorkerOrder

SHOWN = 8
LONG = timedelta(minutes=1)
TONES: Final[Mapping[str, str]] = {
    WorkerOrder.Outcome.DONE: "ok",
    WorkerOrder.Outcome.FAILED: "bad",
    WorkerOrder.Outcome.EXPIRED: "warn",
}


@dataclass(frozen=True, kw_only=True)
class OrderView:
    """One order; `tone` is ok, warn, bad, or empty while it is open. `detail` is what its worker
    wrote, or why it takes long."""

    order: WorkerOrder
    outcome: str
    tone: str
    detail: str


def newest_orders(*, now: datetime) -> list[OrderView]:
    """The last orders to any worker; one query."""
    rows = WorkerOrder.objects.order_by("-created_at", "-pk")[:SHOWN]
    return [
        OrderView(
            order=order,
            outcome=_outcome(order),
            tone=TONES.get(order.outcome, ""),
            detail=_detail(order, now=now),
        )
        for order in rows
    ]


def _outcome(order: WorkerOrder) -> str:
    if order.outcome:
        return order.get_outcome_display()
    return _("In work") if order.taken_at else _("Pending")


def _detail(order: WorkerOrder, *, now: datetime) -> str:
    """Orders stand in the batch lane of the device: a long step of a job comes first."""
    is_long = order.taken_at is not None and now - order.taken_at > LONG
    if is_long and not order.outcome:
        return _("It waits for the device behind the steps of jobs, or loads a model.")
    return order.detail
