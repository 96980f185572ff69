"""What the pages show of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enhance.batches.models import EnhanceBatch, EnhanceBatchItem
from enhance.batches.retry import BADLY
from enhance.batches.state import BatchStanding, BatchState, standing_of
from enhance.cards import EnhancementCard, enhancement_cards

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# On the list page: what is at work, and what ended while somebody was away for a coffee.
RECENT = timedelta(hours=1)
MOST_SHOWN = 3
STATES: Mapping[BatchState, _StrPromise] = {
    BatchState.QUEUED: _("Queued"),
    BatchState.PROCESSING: _("At work"),
    BatchState.COMPLETED: _("All finished"),
    BatchState.FAILED: _("Failed"),
    BatchState.PARTIAL_COMPLETED: _("Finished in part"),
    BatchState.CANCELLED: _("Cancelled"),
}
# The colours of the states of a job.
LOOKS: Mapping[BatchState, str] = {
    BatchState.QUEUED: "queued",
    BatchState.PROCESSING: "running",
    BatchState.COMPLETED: "succeeded",
    BatchState.FAILED: "failed",
    BatchState.PARTIAL_COMPLETED: "partial",
    BatchState.CANCELLED: "cancelled",
}


@dataclass(frozen=True, kw_only=True)
class BatchRow:
    """One line of the table; `shown` is None for a photo that was refused."""

    item: EnhanceBatchItem
    shown: EnhancementCard | None


@dataclass(frozen=True, kw_only=True)
class BatchCard:
    """A batch in words and numbers."""

    batch: EnhanceBatch
    standing: BatchStanding
    rows: list[BatchRow]

    @property
    def state(self) -> str:
        """In the reader's language."""
        return str(STATES[self.standing.state])

    @property
    def look(self) -> str:
        """The state of a job that looks like it, or `partial`."""
        return LOOKS[self.standing.state]

    @property
    def percent(self) -> int:
        """0 to 100."""
        return round(self.standing.progress * 100)

    @property
    def download_bytes(self) -> int:
        """Of all results that are there."""
        results = (row.shown.enhancement.result for row in self.rows if row.shown)
        return sum(result.size_bytes for result in results if result is not None)

    @property
    def is_stopping(self) -> bool:
        """Whether its owner asked it to stop and something still runs."""
        return self.batch.job.cancel_requested_at is not None and not self.standing.has_ended

    @property
    def can_retry(self) -> bool:
        """Whether something of it can be run again from what is stored."""
        rows = [row.shown.enhancement for row in self.rows if row.shown]
        return self.standing.has_ended and any(
            row.job.state in BADLY and row.source_id is not None for row in rows
        )


def batch_card(batch: EnhanceBatch) -> BatchCard:
    """One batch with all its rows; the number of queries does not grow with them."""
    standing = standing_of(batch)
    rows = [item.enhancement for item in standing.items if item.enhancement is not None]
    cards = {card.enhancement.pk: card for card in enhancement_cards(rows)}
    return BatchCard(
        batch=batch,
        standing=standing,
        rows=[
            BatchRow(item=item, shown=cards[item.enhancement_id] if item.enhancement_id else None)
            for item in standing.items
        ],
    )


def recent_batches(
    user: User | AnonymousUser, *, among: Iterable[UUID | None], now: datetime | None = None
) -> list[BatchCard]:
    """Those of the own batches `among` that are at work or ended a short while ago, newest first.

    Without any there is no query.
    """
    parents = sorted({batch for batch in among if batch is not None}, reverse=True)
    if not parents:
        return []
    since = (now or timezone.now()) - RECENT
    is_shown = Q(job__finished_at__isnull=True) | Q(job__finished_at__gte=since)
    own = EnhanceBatch.objects.visible_to(user).filter(is_shown, pk__in=parents)
    newest = own.select_related("job__owner").order_by("-pk")[:MOST_SHOWN]
    return [batch_card(batch) for batch in newest]
