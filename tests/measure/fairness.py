"""`make fairness`: 500 queued jobs of one user against the single job of another.

Real Real-ESRGAN x4plus on 64-pixel pictures (one tile each), through the API, the real worker,
Redis and the database. The heavy user's jobs are first of the batch lane, then interactive like
the light user's. Exit code 1 when the light user waits longer than the longest step of the heavy
one in the same minutes and GRACE_SECONDS.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from typing import TYPE_CHECKING

from tests.measure import host
from tests.measure.deployment import Deployment, deployment
from tests.measure.people import Person, person, photo, submit
from tests.measure.waits import Wait, follow, hand_in, wait_of

if TYPE_CHECKING:
    import httpx

SIDE = 64
HIGH = {"scale": "4", "quality_level": "high"}
GRACE_SECONDS = 0.2
PATIENCE_SECONDS = 600
# More than are asked for, because some run while the last are handed in and during the trials.
SPARE = 40


def fill(owner: Person, lane: str, jobs: int) -> None:
    """Hand in `jobs` single-tile jobs; the worker takes them up meanwhile."""
    content = photo(SIDE)
    for _ in range(jobs):
        submit(owner.user, content, lane=lane, **HIGH)


def queued(owner: Person) -> int:
    """How many of the owner's jobs wait."""
    from project.jobs.models import Job

    return Job.objects.filter(owner=owner.user, state=Job.State.QUEUED).count()


def empty(owner: Person) -> None:
    """Cancel all that is left, and wait for what runs."""
    from project.jobs.cancel import cancel_job
    from project.jobs.models import Job

    own = Job.objects.filter(owner=owner.user)
    for job in own.filter(state__in=["queued", "running"]):
        cancel_job(job=job)
    end = time.monotonic() + PATIENCE_SECONDS
    while own.filter(state__in=["queued", "running"]).exists():
        if time.monotonic() > end:
            raise TimeoutError("the heavy user's jobs do not end")
        time.sleep(0.2)


def longest_step(owner: Person) -> float:
    """The longest device time of the owner's single-tile jobs."""
    from project.jobs.models import Job

    own = Job.objects.filter(owner=owner.user, state=Job.State.SUCCEEDED)
    return max(own.values_list("device_seconds", flat=True), default=0.0)


def trial(client: httpx.Client) -> Wait:
    """One job of the light user, to its end."""
    job = hand_in(client, photo(SIDE), **HIGH)
    state = follow(client, job, seconds=PATIENCE_SECONDS)
    if state != "succeeded":
        raise RuntimeError(f"the light user's job ended {state}")
    return wait_of(job)


def against(
    stack: Deployment, heavy: Person, lane: str, *, jobs: int, trials: int, light: int
) -> bool:
    """Trials while `heavy` has `jobs` queued in `lane`; whether the goal was met."""
    fill(heavy, lane, jobs + SPARE)
    waits: list[Wait] = []
    fewest = jobs + SPARE
    for number in range(trials):
        # Each trial is another user: the first job of somebody who has used nothing yet.
        client = person(f"light{light}-{number}").client(stack.url)
        fewest = min(fewest, queued(heavy))
        waits.append(trial(client))
        time.sleep(0.3 * number)  # not always at the same point of a step
    step = longest_step(heavy)
    empty(heavy)
    worst = max(wait.device for wait in waits)
    met = worst <= step + GRACE_SECONDS and fewest >= jobs
    print(
        f"{lane:12}{fewest:8}{statistics.median(w.claimed for w in waits):14.2f}"
        f"{statistics.median(w.device for w in waits):13.2f}{worst:9.2f}"
        f"{step:14.2f}{worst / step:10.2f}  {'met' if met else 'MISSED'}",
        flush=True,
    )
    return met


def main() -> int:
    """Command line; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=500, help="queued jobs of the heavy user")
    parser.add_argument("--trials", type=int, default=8, help="jobs of the light users per lane")
    options = parser.parse_args()
    print(f"fairness, {options.jobs} queued; {host.describe()}", flush=True)
    limit = str(options.jobs + SPARE)
    with deployment(OMNILENS_QUEUE_LIMIT_INTERACTIVE=limit) as stack:
        stack.enter()
        alone = person("alone").client(stack.url)
        trial(alone)  # loads the network
        idle = [trial(alone) for _ in range(3)]
        print(
            f"alone: first step after {statistics.median(w.device for w in idle):.2f} s, "
            f"one step {statistics.median(w.step for w in idle):.2f} s (medians of 3)\n"
            f"{'heavy lane':12}{'queued':>8}{'claimed s':>14}{'waited s':>13}{'worst':>9}"
            f"{'longest step':>14}{'in steps':>10}",
            flush=True,
        )
        met = [
            against(
                stack,
                person(f"heavy-{lane}"),
                lane,
                jobs=options.jobs,
                trials=options.trials,
                light=number,
            )
            for number, lane in enumerate(("batch", "interactive"))
        ]
    print(f"goal: the worst wait is at most the longest step + {GRACE_SECONDS * 1000:.0f} ms")
    print(f"{host.load()}; {'met' if all(met) else 'MISSED'}")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
