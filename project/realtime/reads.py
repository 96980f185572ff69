"""What the feed reads from the database, in the language of one reader. No event loop here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.utils import translation

from project.jobs.api.payload import JobPayload, job_payloads
from project.jobs.models import Job, JobEvent
from project.realtime.events import JobMessage, replayed_message

if TYPE_CHECKING:
    from accounts.models import User

SNAPSHOT_NEWEST = 50
REPLAY_LIMIT = 20
OPEN_STATES = (Job.State.QUEUED, Job.State.RUNNING)


@dataclass(frozen=True, kw_only=True)
class Replay:
    """The answer to a resume: stored events, present states where events are gone, strangers."""

    messages: list[JobMessage]
    jobs: list[JobPayload]
    gone: list[str]


def read_snapshot(*, user: User, language: str) -> list[JobPayload]:
    """Every open job of `user` and the newest SNAPSHOT_NEWEST."""
    own = Job.objects.visible_to(user)
    newest = list(own.order_by("-created_at", "-pk")[:SNAPSHOT_NEWEST])
    older = own.filter(state__in=OPEN_STATES).exclude(pk__in=[job.pk for job in newest])
    with translation.override(language):
        return job_payloads([*newest, *older])


def read_changed(*, user: User, language: str, since: datetime) -> list[JobPayload]:
    """The jobs of `user` that changed at `since` or later."""
    rows = Job.objects.visible_to(user).filter(updated_at__gte=since)
    with translation.override(language):
        return job_payloads(rows)


def read_replay(*, user: User, language: str, known: Mapping[UUID, int]) -> Replay:
    """What follows the `known` numbers, job by job.

    A job whose events are not all stored any more, or are more than REPLAY_LIMIT, comes as its
    present state. Another person's job is `gone`, like one that never was.
    """
    jobs = {job.pk: job for job in Job.objects.visible_to(user).filter(pk__in=known)}
    behind = [job for job in jobs.values() if job.seq != known[job.pk]]
    stored = _events([job for job in behind if 0 < job.seq - known[job.pk] <= REPLAY_LIMIT], known)
    messages: list[JobMessage] = []
    pruned: list[Job] = []
    for job in behind:
        events = stored.get(job.pk, [])
        if [event.seq for event in events] == list(range(known[job.pk] + 1, job.seq + 1)):
            messages += [replayed_message(event, job) for event in events]
        else:
            pruned.append(job)
    with translation.override(language):
        payloads = job_payloads(pruned)
    gone = [str(pk) for pk in known if pk not in jobs]
    return Replay(messages=messages, jobs=payloads, gone=gone)


def _events(jobs: list[Job], known: Mapping[UUID, int]) -> dict[UUID, list[JobEvent]]:
    """The stored events in `known < seq <= job.seq`, by job; later ones arrive as deltas."""
    if not jobs:
        return {}
    wanted = Q()
    for job in jobs:
        wanted |= Q(job_id=job.pk, seq__gt=known[job.pk], seq__lte=job.seq)
    found: dict[UUID, list[JobEvent]] = {}
    for event in JobEvent.objects.filter(wanted).order_by("job_id", "seq"):
        found.setdefault(event.job_id, []).append(event)
    return found
