"""What one live connection knows of its user's jobs: snapshot, deltas, repairs.

Deltas are best effort, rows are the truth. Whoever uses this joins the user's group first and
then asks for the snapshot, so that no change falls between the two.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from channels.db import database_sync_to_async
from django.utils import timezone

from project.realtime.events import JobMessage, SnapshotMessage, snapshot_message
from project.realtime.outbox import Outbox
from project.realtime.reads import read_changed, read_replay, read_snapshot

if TYPE_CHECKING:
    from accounts.models import User

CLOCK_SKEW = timedelta(minutes=1)


class LiveJobs:
    """The view of one connection, used from one event loop."""

    def __init__(
        self, user: User, *, language: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._user = user
        self._language = language
        self._clock = clock
        self._outbox = Outbox()
        self._told: dict[str, int] = {}
        self._checked_at = timezone.now()

    async def snapshot(self) -> SnapshotMessage:
        """The open jobs and the newest ones; replaces all that the client knows."""
        self._checked_at = timezone.now()
        jobs = await database_sync_to_async(read_snapshot)(user=self._user, language=self._language)
        self._told = {job["job"]: job["seq"] for job in jobs}
        return snapshot_message(jobs, complete=True)

    async def missed(self) -> SnapshotMessage | None:
        """Jobs whose last change was never pushed here: Redis was down, a worker was killed."""
        since, self._checked_at = self._checked_at - CLOCK_SKEW, timezone.now()
        changed = await database_sync_to_async(read_changed)(
            user=self._user, language=self._language, since=since
        )
        missed = [job for job in changed if job["seq"] > self._told.get(job["job"], 0)]
        self._told = {job["job"]: job["seq"] for job in changed}
        return snapshot_message(missed, complete=False) if missed else None

    async def resume(self, known: Mapping[UUID, int]) -> list[JobMessage | SnapshotMessage]:
        """The stored events after `known`, then one partial snapshot for what has none."""
        replay = await database_sync_to_async(read_replay)(
            user=self._user, language=self._language, known=known
        )
        self._told.update((job["job"], job["seq"]) for job in replay.jobs)
        if not replay.jobs and not replay.gone:
            return [*replay.messages]
        return [
            *replay.messages,
            snapshot_message(replay.jobs, complete=False, gone=replay.gone),
        ]

    def offer(self, message: JobMessage) -> None:
        """Take a pushed change; what a snapshot already told is dropped. Raises TooSlow."""
        told = self._told.get(message["job"], 0)
        if message["seq"] > told or (message["ephemeral"] and message["seq"] == told):
            self._outbox.offer(message)

    def take(self) -> list[JobMessage]:
        """The changes whose turn has come."""
        due = self._outbox.take(self._clock())
        for message in due:
            self._told[message["job"]] = max(message["seq"], self._told.get(message["job"], 0))
        return due

    def delay(self) -> float | None:
        """Seconds until `take` has something, None when nothing waits."""
        return self._outbox.delay(self._clock())
