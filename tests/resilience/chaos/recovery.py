"""How long a job that ran on a killed worker waits until it runs again, by the stored events."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from tests.resilience.auditor import moment

PROGRESS = ("progress", "partial", "requeued")


@dataclass(frozen=True, kw_only=True)
class Interrupted:
    """A job that was running, with its last event, on a worker that died at `at`."""

    job: str
    seq: int
    at: datetime


def running_on(beginning, at):
    """The jobs whose rows still name a worker that is dead; its name begins like this."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, seq FROM jobs_job WHERE state = 'running' AND worker LIKE %s",
            [f"{beginning}%"],
        )
        return [Interrupted(job=_hex(job), seq=seq, at=at) for job, seq in cursor.fetchall()]


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """Seconds from the kill until the job was queued again and until it ran again."""

    job: str
    queued: float
    running: float


def measure(interrupted, outages):
    """The recovery of each job, the quickest first, and how often the others ended instead.

    The time in which a store was away is not counted: nobody can claim without a database, and
    nobody is woken without a broker."""
    history = _history()
    recovered, others = [], Counter()
    for hit in interrupted:
        later = [(name, at) for seq, name, at in history[hit.job] if seq > hit.seq]
        queued = next((at for name, at in later if name == "requeued"), None)
        ending = next((name for name, _ in later if name not in PROGRESS), "never ran again")
        if ending != "started" or queued is None:
            others[ending] += 1
            continue
        running = next(at for name, at in later if name == "started")
        recovered.append(
            Recovery(
                job=hit.job,
                queued=_seconds(hit.at, queued, outages),
                running=_seconds(hit.at, running, outages),
            )
        )
    return sorted(recovered, key=lambda one: one.running), others


def _history():
    """The events of every job, in order."""
    events = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute("SELECT job_id, seq, name, at FROM jobs_jobevent ORDER BY job_id, seq")
        for job, seq, name, at in cursor.fetchall():
            events[_hex(job)].append((seq, name, moment(at)))
    return events


def _seconds(began, ended, outages):
    return (ended - began).total_seconds() - _away(outages, began, ended)


def _away(outages, began, ended):
    """Seconds between two moments in which a store was away; two at once count once."""
    away, until = 0.0, began
    for outage in sorted(outages, key=lambda outage: outage.began):
        first, last = max(until, outage.began), min(ended, outage.ended)
        if last > first:
            away += (last - first).total_seconds()
            until = last
    return away


def _hex(job):
    return UUID(str(job)).hex
