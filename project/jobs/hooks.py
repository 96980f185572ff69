"""The one seam from jobs to whoever shows them live; `realtime` sets it, tests replace it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


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
