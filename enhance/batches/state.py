"""How a batch stands: derived from its items, in one query, whenever somebody asks."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from enhance.batches.models import EnhanceBatch, EnhanceBatchItem
from project.jobs.models import Job


class BatchState(enum.StrEnum):
    """The words of the original service, and one for a batch that was stopped."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    PARTIAL_COMPLETED = "partial_completed"
    CANCELLED = "cancelled"


ENDED = frozenset(BatchState) - {BatchState.QUEUED, BatchState.PROCESSING}


@dataclass(frozen=True, kw_only=True)
class BatchStanding:
    """The items in their order, their counts, and what follows for the whole.

    `total` includes photos that are announced and have not come; `progress` is 0 to 1 and counts
    the share of every photo at work, a refused one as done.
    """

    items: Sequence[EnhanceBatchItem]
    state: BatchState
    total: int
    completed: int
    failed: int
    cancelled: int
    running: int
    queued: int
    progress: float

    @property
    def has_ended(self) -> bool:
        """Whether nothing changes any more."""
        return self.state in ENDED


def standing_of(batch: EnhanceBatch) -> BatchStanding:
    """The present standing of one batch."""
    items = list(
        batch.items.select_related(
            "enhancement__job__owner", "enhancement__source", "enhancement__result"
        ).order_by("index")
    )
    states: Counter[str] = Counter()
    share = 0.0
    for item in items:
        job = item.enhancement.job if item.enhancement else None
        states[job.state if job else Job.State.FAILED] += 1
        share += 1.0 if job is None or job.is_terminal else job.progress
    parent = batch.job
    awaits_more = batch.closed_at is None and not parent.is_terminal
    total = max(len(items), parent.total_units) if awaits_more else len(items)
    return BatchStanding(
        items=items,
        state=_state(states, total, stopped=parent.cancel_requested_at is not None),
        total=total,
        completed=states[Job.State.SUCCEEDED],
        failed=states[Job.State.FAILED],
        cancelled=states[Job.State.CANCELLED],
        running=states[Job.State.RUNNING],
        queued=states[Job.State.QUEUED] + total - len(items),
        progress=share / total if total else 1.0,
    )


def _state(states: Counter[str], total: int, *, stopped: bool) -> BatchState:
    done = states[Job.State.SUCCEEDED]
    ended = done + states[Job.State.FAILED] + states[Job.State.CANCELLED]
    if ended < total:
        has_begun = ended or states[Job.State.RUNNING]
        return BatchState.PROCESSING if has_begun else BatchState.QUEUED
    if done and done == total:
        return BatchState.COMPLETED
    if done:
        return BatchState.PARTIAL_COMPLETED
    # As its parent job: whoever stopped a batch is not told that it failed.
    has_failed = states[Job.State.FAILED] and not stopped
    return BatchState.FAILED if has_failed else BatchState.CANCELLED
