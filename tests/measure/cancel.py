"""`make cancel`: how long a cancel takes to act, on running and on queued jobs.

Real tiles through the API, the real worker, Redis and the database: many short ones (`fast`) and
some long ones (`high`). A running cancel is timed by the rows, from `cancel_requested_at` to
`finished_at`, against the mean step of the same job; a queued one by the answer to the request.
Exit code 1 when the 95th percentile misses its goal.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.measure import host
from tests.measure.deployment import Deployment, deployment
from tests.measure.people import person, photo, submit
from tests.measure.waits import follow, hand_in

if TYPE_CHECKING:
    import httpx

FAST = {"scale": "4", "quality_level": "fast", "tile_size": "64"}
HIGH = {"scale": "4", "quality_level": "high", "tile_size": "64"}
GRACE_SECONDS = 0.2
QUEUED_SECONDS = 0.1
PATIENCE_SECONDS = 300
SHARE = 0.95


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Seconds from the request to the end of the job, and of one of its steps."""

    seconds: float
    step: float


def cancel_running(
    client: httpx.Client, content: bytes, *, rng: random.Random, **options: str
) -> Effect:
    """Cancel one job at a random time after its first tile."""
    from project.jobs.models import Job

    job_id = hand_in(client, content, **options)
    _until_stepping(job_id)
    time.sleep(rng.uniform(0, 1.0))
    client.post(f"/api/v1/jobs/{job_id}/cancel/").raise_for_status()
    if follow(client, job_id, seconds=PATIENCE_SECONDS) != "cancelled":
        raise RuntimeError("the job ended before it could be cancelled; it needs more tiles")
    job = Job.objects.get(pk=job_id)
    seconds = (job.finished_at - job.cancel_requested_at).total_seconds()
    # The step that was cut short counts as a whole one, so a step is rather too short here.
    return Effect(seconds=seconds, step=job.device_seconds / (job.done_units + 1))


def _until_stepping(job_id: str) -> None:
    from project.jobs.models import Job

    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if Job.objects.filter(pk=job_id, done_units__gt=0).exists():
            return
        time.sleep(0.01)
    raise TimeoutError(f"job {job_id} finished no tile in {PATIENCE_SECONDS} s")


def cancel_queued(client: httpx.Client, job_id: str) -> float:
    """Seconds of the request whose answer says that the job is cancelled."""
    began = time.perf_counter()
    answer = client.post(f"/api/v1/jobs/{job_id}/cancel/").raise_for_status().json()
    seconds = time.perf_counter() - began
    if answer["state"] != "cancelled":
        raise RuntimeError(f"a queued job is {answer['state']} after its cancel")
    return seconds


def running(stack: Deployment, name: str, side: int, count: int, options: dict[str, str]) -> bool:
    """`count` cancels of running jobs; prints their row, tells whether the goal was met."""
    rng = random.Random(count)
    content = photo(side)
    # Several users, because the API takes thirty jobs a minute from one.
    clients = [person(f"cancel-{name}{number}").client(stack.url) for number in range(4)]
    effects = [
        cancel_running(clients[turn % 4], content, rng=rng, **options) for turn in range(count)
    ]
    beyond = host.percentile([e.seconds - e.step for e in effects], SHARE)
    met = beyond <= GRACE_SECONDS
    print(
        f"running, {name:10}{count:5}{statistics.median(e.step for e in effects) * 1000:10.0f}"
        f"{statistics.median(e.seconds for e in effects) * 1000:10.0f}"
        f"{host.percentile([e.seconds for e in effects], SHARE) * 1000:8.0f}"
        f"{beyond * 1000:15.0f}  {'met' if met else 'MISSED'}",
        flush=True,
    )
    return met


def queued(stack: Deployment, count: int) -> bool:
    """`count` cancels of jobs that wait behind those that the worker runs."""
    from project.jobs.models import Job

    who = person("cancel-queued")
    content = photo(256)
    jobs = [submit(who.user, content, lane="batch", **HIGH) for _ in range(count + 8)]
    waiting = [str(job.pk) for job in reversed(jobs)]
    client = who.client(stack.url)
    seconds = [cancel_queued(client, job_id) for job_id in waiting[:count]]
    for job in Job.objects.filter(owner=who.user, state__in=["queued", "running"]):
        client.post(f"/api/v1/jobs/{job.pk}/cancel/").raise_for_status()
    worst = host.percentile(seconds, SHARE)
    met = worst <= QUEUED_SECONDS
    print(
        f"queued{count:18}{'-':>10}{statistics.median(seconds) * 1000:10.0f}{worst * 1000:8.0f}"
        f"{'-':>15}  {'met' if met else 'MISSED'}",
        flush=True,
    )
    return met


def main() -> int:
    """Command line; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fast", type=int, default=40, help="cancels of jobs of short steps")
    parser.add_argument("--high", type=int, default=5, help="cancels of jobs of long steps")
    parser.add_argument("--queued", type=int, default=30, help="cancels of queued jobs")
    options = parser.parse_args()
    print(f"cancel; {host.describe()}", flush=True)
    with deployment() as stack:
        stack.enter()
        warm = person("warm").client(stack.url)
        for quality in (FAST, HIGH):
            follow(warm, hand_in(warm, photo(64), **quality), seconds=PATIENCE_SECONDS)
        print(
            f"{'cancels of':19}{'n':>5}{'step ms':>10}{'p50 ms':>10}{'p95 ms':>8}"
            f"{'p95 less step':>15}"
        )
        met = [
            queued(stack, options.queued),
            running(stack, "fast", 1024, options.fast, FAST),
            running(stack, "high", 256, options.high, HIGH),
        ]
    print(
        f"goals: running within its step + {GRACE_SECONDS * 1000:.0f} ms, queued within "
        f"{QUEUED_SECONDS * 1000:.0f} ms (p95); {host.load()}; {'met' if all(met) else 'MISSED'}"
    )
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
