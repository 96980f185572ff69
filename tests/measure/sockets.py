"""`make sockets`: 200 sockets at 20 events a second each, ten clients that read nothing.

A real stack; 20 users with ten jobs that tell two events a second each, seen by the user's ten
sockets. Progress is published as the worker does, without a write to the row; starts and ends of
jobs are committed rows. Exit code 1 when a socket misses the end of a job, when the web process
grows by GROWTH_MIB, or when the events could not be produced at the rate.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psutil

from tests.measure import host
from tests.measure.deployment import Deployment, deployment
from tests.measure.people import Person, person

if TYPE_CHECKING:
    from project.jobs.models import Job

USERS = 20
SOCKETS_EACH = 10
STALLED = 10
JOBS_EACH = 10
LIFE_SECONDS = 10.0
GROWTH_MIB = 50
RATE_SHARE = 0.95
STALL_SECONDS = 80.0  # two unanswered pings of 25 s and the third
ARRIVAL_SECONDS = 35.0  # a lost change is repaired at the next ping
MIB = 2**20


class Story:
    """The jobs of one user: each lives LIFE_SECONDS, then another takes its place."""

    def __init__(self, owner: Person, now: float) -> None:
        self.owner = owner
        self.ended: set[str] = set()
        self.events = 0
        self.jobs = [self._begin() for _ in range(JOBS_EACH)]
        # Ends are spread over the whole life.
        self.ends = [now + LIFE_SECONDS * (n + 1) / JOBS_EACH for n in range(JOBS_EACH)]
        self.turn = 0

    def tell(self, now: float) -> None:
        """One event of the next job; its last one when its time has come."""
        place = self.turn % JOBS_EACH
        self.turn += 1
        if now >= self.ends[place]:
            self._end(self.jobs[place])
            self.jobs[place], self.ends[place] = self._begin(), now + LIFE_SECONDS
            return
        self._progress(self.jobs[place])

    def finish(self) -> None:
        """End what still runs."""
        for job in self.jobs:
            self._end(job)

    def _begin(self) -> Job:
        from django.utils import timezone

        from project.jobs import history
        from project.jobs.models import Job

        self.events += 1
        now = timezone.now()
        leased = {"lease_token": uuid4(), "lease_until": now + timedelta(hours=1)}
        job = Job.objects.create(
            owner=self.owner.user, kind="enhance.photo", state="running", attempt=1, **leased
        )
        changes = {"started_at": now, "total_units": 100}
        started = history.append(
            Job.objects.all(), job_id=job.pk, event="started", changes=changes, now=now
        )
        assert started is not None
        return started

    def _progress(self, job: Job) -> None:
        from project.jobs import history

        self.events += 1
        job.done_units = self.turn // JOBS_EACH % 100
        job.progress = job.done_units / 100
        history.announce(job, event="progress", ephemeral=True, data={"sent": time.time()})

    def _end(self, job: Job) -> None:
        from django.utils import timezone

        from project.jobs import history
        from project.jobs.models import Job

        self.events += 1
        now = timezone.now()
        changes = {"state": "succeeded", "finished_at": now, "progress": 1.0}
        changes |= {"lease_token": None, "lease_until": None}
        history.append(
            Job.objects.all(), job_id=job.pk, event="succeeded", changes=changes, now=now
        )
        self.ended.add(str(job.pk))


def tell_at(stories: list[Story], *, rate: float, seconds: float, look: Any) -> float:
    """Let each story tell `rate` events a second; the rate that was reached. `look` is called
    once a second."""
    began, told, looked = time.monotonic(), 0, 0.0
    while (now := time.monotonic()) - began < seconds:
        due = int((now - began) * rate * len(stories))
        for number in range(told, min(due, told + len(stories))):
            stories[number % len(stories)].tell(now)
        told = min(due, told + len(stories))
        if now - looked > 1:
            looked = now
            look()
        time.sleep(0.002 if told < due else 0.01)
    return told / len(stories) / (time.monotonic() - began)


def measure(stack: Deployment, *, rate: float, seconds: float) -> list[str]:
    """One run; prints its figures and returns what was missed."""
    people = [person(f"page{number}") for number in range(USERS + 1)]
    *readers, stalled = people
    web = psutil.Process(stack.children()["web"])
    asked = {"tokens": [one.token for one in readers], "each": SOCKETS_EACH}
    asked |= {"stalled": stalled.token, "stalls": STALLED}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.measure.feed_clients", stack.url],
        cwd=host.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as clients:
        try:
            assert clients.stdin is not None
            assert clients.stdout is not None
            before = web.memory_info().rss / MIB
            print(json.dumps(asked), file=clients.stdin, flush=True)
            if clients.stdout.readline().strip() != "ready":
                raise RuntimeError("the clients could not connect; their error is above")
            memory = [web.memory_info().rss / MIB]
            print(f"all connected; {host.load()}", flush=True)
            busy = web.cpu_times()
            began = time.monotonic()
            stories = [Story(one, began) for one in people]
            reached = tell_at(
                stories,
                rate=rate,
                seconds=seconds,
                look=lambda: memory.append(web.memory_info().rss / MIB),
            )
            used = sum(web.cpu_times()[:2]) - sum(busy[:2])
            share = used / (time.monotonic() - began)
            for story in stories:
                story.finish()
            rest = max(ARRIVAL_SECONDS, STALL_SECONDS - (time.monotonic() - began))
            for _ in range(int(rest)):
                time.sleep(1)
                memory.append(web.memory_info().rss / MIB)
            print("done", file=clients.stdin, flush=True)
            saw = json.loads(clients.stdout.readline())
        finally:
            clients.kill()
    ends = [story.ended for story in stories[:-1] for _ in range(SOCKETS_EACH)]
    unseen = sum(len(ended - set(seen)) for ended, seen in zip(ends, saw["ended"], strict=True))
    told = sum(story.events for story in stories[:-1]) * SOCKETS_EACH
    print(
        f"{rate:g} events/s asked for, {reached:.1f} reached at each of {len(ends)} sockets for "
        f"{seconds:.0f} s: {sum(saw['messages'])} messages arrived, "
        f"{sum(saw['messages']) / told:.2f} of those told (the rest was folded into newer ones)\n"
        f"ends of jobs: {sum(map(len, ends))} to be seen, {unseen} missed; "
        f"closed and come back: {saw['closed'] or 'none'}\n"
        f"stalled clients: {saw['stalled']} after {STALL_SECONDS:.0f} s or more\n"
        f"web: {before:.0f} MiB before the sockets, {memory[0]:.0f} with them, {max(memory):.0f} at "
        f"most; {share:.2f} of a core\n"
        f"delay of an event: {delay_of(saw['delays'])}; {host.load()}",
        flush=True,
    )
    faults = []
    if not saw["delays"]:
        faults.append("no progress arrived")
    if unseen:
        faults.append(f"{unseen} ends of jobs were missed")
    if max(memory) - memory[0] >= GROWTH_MIB:
        faults.append(f"the web process grew by {max(memory) - memory[0]:.0f} MiB")
    if reached < RATE_SHARE * rate:
        faults.append(f"only {reached:.1f} of {rate:g} events a second could be told")
    return faults


def delay_of(seconds: list[float]) -> str:
    """From the telling to the client, of a sample."""
    if not seconds:
        return "unknown"
    median, high = (host.percentile(seconds, share) * 1000 for share in (0.5, 0.95))
    return f"median {median:.0f} ms, p95 {high:.0f} ms of {len(seconds)}"


def main() -> int:
    """Command line; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=20, help="events a second at each socket")
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    print(
        f"{USERS * SOCKETS_EACH} sockets of {USERS} users and {STALLED} stalled; {host.describe()}",
        flush=True,
    )
    with deployment() as stack:
        stack.enter()
        faults = measure(stack, rate=options.rate, seconds=options.seconds)
    for fault in faults:
        print(f"MISSED {fault}")
    print(
        f"goal: no end of a job missed, the web process grows by less than {GROWTH_MIB} MiB, "
        f"{'MISSED' if faults else 'met'}"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
