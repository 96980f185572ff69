"""Which state may follow which, and the one conditional UPDATE that moves a job there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from project.jobs import history
from project.jobs.models import Job, JobEvent

State = Job.State
Event = JobEvent.Name

TERMINAL: frozenset[str] = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})
TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.QUEUED: frozenset({State.RUNNING, State.CANCELLED}),
    State.RUNNING: frozenset({State.QUEUED, *TERMINAL}),
}
# The parent of a batch does no work itself: it waits queued and ends with its children.
GROUP_TRANSITIONS: Mapping[str, frozenset[str]] = {State.QUEUED: TERMINAL}
EVENT_OF_ENTERING: Mapping[str, str] = {
    State.QUEUED: Event.REQUEUED,
    State.RUNNING: Event.STARTED,
    State.SUCCEEDED: Event.SUCCEEDED,
    State.FAILED: Event.FAILED,
    State.CANCELLED: Event.CANCELLED,
}
# A job without attempts matches no claim: that is what makes a row the parent of a batch.
GROUP = Q(max_attempts=0)
# Literals, because only then may SQLite use the partial index of unfinished jobs.
UNFINISHED = RawSQL(
    "\"jobs_job\".\"state\" IN ('queued', 'running')", (), output_field=BooleanField()
)
UNLEASED: Mapping[str, Any] = {"lease_token": None, "lease_until": None}


class IllegalTransition(ValueError):
    """The code asked for a move that the state machine does not have."""


def move(
    *,
    job_id: UUID,
    source: str,
    target: str,
    now: datetime,
    where: Q | None = None,
    changes: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    group: bool = False,
) -> Job | None:
    """Move one job and record the event of it; None when the row did not match `where`.

    Leaving RUNNING gives up the lease; entering a terminal state stamps `finished_at`.
    Raises IllegalTransition for a pair that is not listed.
    """
    allowed = GROUP_TRANSITIONS if group else TRANSITIONS
    if target not in allowed.get(source, frozenset()):
        raise IllegalTransition(f"{source} -> {target}")
    rows = Job.objects.filter(GROUP if group else ~GROUP, state=source)
    if where is not None:
        rows = rows.filter(where)
    entered: dict[str, Any] = {"state": target}
    if target != State.RUNNING:
        entered |= UNLEASED
    if target in TERMINAL:
        entered["finished_at"] = now
    return history.append(
        rows,
        job_id=job_id,
        event=EVENT_OF_ENTERING[target],
        changes={**entered, **(changes or {})},
        data=data,
        now=now,
    )
