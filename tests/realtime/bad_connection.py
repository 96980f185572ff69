"""A page on a bad connection, without a server: the product's feed, a wire that misbehaves.

Changes are committed and published by the job services. Between them and the client's picture
lie the product's `LiveJobs` and two queues that lose, swap and are cut off when told.
"""

from __future__ import annotations

import json
from collections import deque
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync

from project.jobs import history
from project.jobs.models import Job
from project.realtime.events import JobMessage, job_message
from project.realtime.live_jobs import LiveJobs
from project.realtime.outbox import TooSlow
from project.realtime.reads import OPEN_STATES, SNAPSHOT_NEWEST
from tests.realtime.client_model import ClientModel
from tests.realtime.story import progress, queued, start, step, view

PACE_SECONDS = 1.0  # longer than the outbox holds anything back


class Jobs:
    """Some jobs of one owner; `change` moves one of them a step further."""

    def __init__(self, owner: Any, count: int) -> None:
        self.owner = owner
        self.rows = [queued(owner) for _ in range(count)]
        self.turn = 0

    def change(self, index: int, luck: float) -> None:
        """One committed change of an open job at or after `index`; `luck` in 0..1 chooses which."""
        for offset in range(len(self.rows)):
            place = (index + offset) % len(self.rows)
            if not self.rows[place].is_terminal:
                self.turn += 1
                self.rows[place] = self._changed(self.rows[place], luck)
                return

    def end(self) -> None:
        """Bring each job to an end."""
        for place, job in enumerate(self.rows):
            if not job.is_terminal:
                self.rows[place] = step(job, "succeeded", **ended("succeeded", progress=1.0))

    def _changed(self, job: Job, luck: float) -> Job:
        if job.state == Job.State.QUEUED:
            return start(job)
        if luck < 0.04:
            return step(job, "succeeded", **ended("succeeded", progress=1.0))
        if luck < 0.06:
            return step(job, "failed", **ended("failed", error_code="echo_failed"))
        if luck < 0.12:
            return step(job, "requeued", state="queued", lease_token=None, lease_until=None)
        if luck < 0.5:
            return self._ephemeral(job)
        return progress(job, self.turn % 1000 / 1000)

    def _ephemeral(self, job: Job) -> Job:
        from django.db import transaction

        with transaction.atomic():
            Job.objects.filter(pk=job.pk).update(progress=self.turn % 1000 / 1000)
            fresh = Job.objects.get(pk=job.pk)
            history.announce(fresh, event="progress", ephemeral=True)
        return fresh


def ended(state: str, **changes: Any) -> dict[str, Any]:
    """The columns of a job that has ended."""
    from django.utils import timezone

    nobody = {"lease_token": None, "lease_until": None}
    return {"state": state, "finished_at": timezone.now(), **nobody, **changes}


class BadConnection:
    """The client, what is on its way to the server's socket, and what is on its way to the client."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        self.client = ClientModel()
        self.cuts = 0
        self.now = 0.0
        self.live: LiveJobs | None = None
        self.published: deque[JobMessage] = deque()
        self.sent: deque[str] = deque()

    def publish(self, change: Any) -> None:
        """The hook of the job services."""
        if change.owner_id == self.owner.pk and self.live is not None:
            self.published.append(job_message(change))

    def connect(self, *, joined: Any = lambda: None) -> None:
        """Join, let `joined` change something, then read the snapshot: the order of the product."""
        if self.live is not None:
            return
        self.live = LiveJobs(self.owner, language="en", clock=lambda: self.now)
        joined()
        self._send(async_to_sync(self.live.snapshot)())

    def cut(self) -> None:
        """Whatever is on its way is gone, in both directions."""
        if self.live is not None:
            self.cuts += 1
        self.live = None
        self.published.clear()
        self.sent.clear()

    def lose(self) -> None:
        """Redis drops a stored change. (After an unstored one the next stored one repairs.)"""
        if self.published and not self.published[0]["ephemeral"]:
            self.published.popleft()

    def swap(self) -> None:
        """Two publishers race: stored changes arrive in the other order."""
        first_two = list(self.published)[:2]
        if len(first_two) == 2 and not any(message["ephemeral"] for message in first_two):
            self.published.rotate(-2)
            self.published.extendleft(first_two)

    def deliver(self, count: int) -> None:
        """Bring `count` changes to the socket and let it write what is due."""
        for _ in range(min(count, len(self.published))):
            try:
                assert self.live is not None
                self.live.offer(self.published.popleft())
            except TooSlow:
                self.cut()
                return
        self.write()

    def write(self) -> None:
        """The outbox at its pace."""
        self.now += PACE_SECONDS
        if self.live is not None:
            for message in self.live.take():
                self._send(message)

    def tick(self) -> None:
        """The regular comparison of the socket with the rows."""
        if self.live is not None and (missed := async_to_sync(self.live.missed)()):
            self._send(missed)

    def read(self, count: int) -> None:
        """The client takes `count` messages and asks for what a gap hides."""
        for _ in range(min(count, len(self.sent))):
            gap = self.client.apply(json.loads(self.sent.popleft()))
            if gap is not None and self.live is not None:
                known = {UUID(job): seq for job, seq in gap.items()}
                for message in async_to_sync(self.live.resume)(known):
                    self._send(message)

    def settle(self) -> None:
        """Connect if need be, and let everything arrive."""
        self.connect()
        while self.published or self.sent:
            self.deliver(len(self.published))
            self.read(len(self.sent))
            self.connect()
        self.tick()
        self.read(len(self.sent))

    def difference(self) -> dict[str, Any]:
        """What the client believes otherwise than the database says; empty when equal.

        A snapshot holds the open jobs and the newest: what it leaves out may be unknown.
        """
        rows, picture = view(self.owner), self.client.view()
        own = Job.objects.filter(owner=self.owner)
        newest = own.order_by("-created_at", "-pk").values_list("pk", flat=True)[:SNAPSHOT_NEWEST]
        owed = {str(pk) for pk in newest}
        owed |= {str(pk) for pk in own.filter(state__in=OPEN_STATES).values_list("pk", flat=True)}
        wrong = {
            job: (seen, rows.get(job)) for job, seen in picture.items() if seen != rows.get(job)
        }
        return {**wrong, **{job: (None, rows[job]) for job in owed - set(picture)}}

    def _send(self, message: Any) -> None:
        self.sent.append(json.dumps(message))


def play(connection: BadConnection, jobs: Jobs, steps: list[tuple[str, int, float]]) -> None:
    """Each step: a name, a number and a chance, whatever the step makes of them."""
    for name, number, luck in steps:
        if name == "change":
            jobs.change(number, luck)
        elif name == "connect":
            connection.connect(joined=lambda: jobs.change(number, luck))  # noqa: B023  (runs at once)
        elif connection.live is None:
            continue
        elif name == "deliver":
            connection.deliver(1 + number % 4)
        elif name == "read":
            connection.read(1 + number % 4)
        else:
            {
                "lose": connection.lose,
                "swap": connection.swap,
                "tick": connection.tick,
                "cut": connection.cut,
            }[name]()


STEPS = ("change", "change", "change", "deliver", "read", "lose", "swap", "tick", "cut", "connect")
