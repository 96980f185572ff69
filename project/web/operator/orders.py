"""Orders to workers as the page shows them: what was asked, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from project.jobs.models import WorkerOrder

SHOWN = 8
TONES: Final[Mapping[str, str]] = {
    WorkerOrder.Outcome.DONE: "ok",
    WorkerOrder.Outcome.FAILED: "bad",
    WorkerOrder.Outcome.EXPIRED: "warn",
}


@dataclass(frozen=True, kw_only=True)
class OrderView:
    """One order; `tone` is ok, warn, bad, or empty while it is open."""

    order: WorkerOrder
    outcome: str
    tone: str


def newest_orders() -> list[OrderView]:
    """The last orders to any worker; one query."""
    rows = WorkerOrder.objects.order_by("-created_at", "-pk")[:SHOWN]
    return [
        OrderView(order=order, outcome=_outcome(order), tone=TONES.get(order.outcome, ""))
        for order in rows
    ]


def _outcome(order: WorkerOrder) -> str:
    if order.outcome:
        return order.get_outcome_display()
    return _("In work") if order.taken_at else _("Pending")
