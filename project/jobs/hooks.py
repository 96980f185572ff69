"""The seams from jobs to whoever shows them live, and to whoever must know that one has ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from project.jobs.models import Job


@dataclass(frozen=True, kw_only=True)
class JobChange:
    """What changed in one job; published after commit, never inside the transaction.

    `seq` is the number of the stored event; an `ephemeral` change carries the unchanged `seq`.
    """

    job: UUID
    owner_id: int
    kind: str
    seq: int
    event: str
    state: str
    stage: str
    progress: float
    done: int
    total: int
    ephemeral: bool = False
    eta_seconds: float | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def _nobody(change: JobChange) -> None:
    del change


_publisher: Callable[[JobChange], None] = _nobody


def set_publisher(publisher: Callable[[JobChange], None]) -> None:
    """Called once by `realtime` at start."""
    global _publisher
    _publisher = publisher


def publish(change: JobChange) -> None:
    """Hand a committed change to the publisher. Best effort: the publisher does not raise."""
    _publisher(change)


_ending_listeners: list[Callable[[Job], None]] = []


def on_ending(listener: Callable[[Job], None]) -> None:
    """Call `listener(job)` inside the transaction that ends a job: what it writes is kept with
    the end or not at all. What it raises undoes the end, so it writes rows and does no more."""
    _ending_listeners.append(listener)


def tell_ending(job: Job) -> None:
    """Called once per job, with the row as it ends; the rows of its result may not exist yet."""
    for listener in _ending_listeners:
        listener(job)
