"""A load, two workers, one Redis, and an enemy with a seed."""

from __future__ import annotations

import random
import time
from collections import Counter

from accounts.models import User
from project.celery import app
from project.images.models import ImageRecord
from project.jobs.cancel import cancel_job
from project.jobs.models import Job
from project.jobs.submit import submit_job
from project.jobs.sweep import sweep
from project.settings.stores import broker_url
from tests.resilience.processes import worker
from tests.resilience.redis_server import RedisServer

TERMINAL = ("succeeded", "failed", "cancelled")
SWEEP_SECONDS = 2.0


class Chaos:
    """One run: a load, two workers, one Redis, and an enemy with a seed."""

    def __init__(self, *, seed, jobs, stack):
        self.rng = random.Random(seed)
        self.jobs = jobs
        self.done = Counter()
        self.stack = stack
        self.redis = RedisServer()
        self.redis.start()
        stack.callback(self.redis.close)
        url = broker_url(self.redis.url)
        app.conf.update(broker_url=url, broker_read_url=url, broker_write_url=url)
        self.owners = [self._owner(number) for number in range(3)]
        self.workers = [self._worker() for _ in range(2)]
        self.swept_at = 0.0

    def run(self, *, patience):
        """Until every job has ended; False when some have not after `patience` seconds."""
        submitted = 0
        next_blow = time.monotonic() + 5
        while submitted < self.jobs or self._unfinished():
            if submitted < self.jobs:
                submitted += self._submit(self.rng.randint(1, 5))
                end = time.monotonic() + patience
            elif time.monotonic() > end:
                return False
            else:
                time.sleep(0.1)
            self._sweep()
            if time.monotonic() > next_blow:
                self._strike()
                next_blow = time.monotonic() + self.rng.uniform(1, 4)
        return True

    def _strike(self):
        blow = self.rng.choice(["worker", "worker", "redis", "cancel"])
        self.done[blow] += 1
        if blow == "worker":
            number = self.rng.randrange(len(self.workers))
            self.workers[number].kill()
            self.workers[number] = self._worker()
        elif blow == "redis":
            self.redis.kill()
            time.sleep(self.rng.uniform(0, 2))
            self.redis.start()
        else:
            candidates = Job.objects.exclude(state__in=TERMINAL).order_by("id")
            if candidates:
                cancel_job(job=self.rng.choice(list(candidates)))

    def _submit(self, count):
        for _ in range(count):
            submit_job(
                owner=self.rng.choice(self.owners),
                kind="test.work",
                params={"steps": self.rng.randint(1, 20), "seconds": 0.02},
                lane=self.rng.choice(["interactive", "batch"]),
            )
        return count

    def _sweep(self):
        if time.monotonic() - self.swept_at < SWEEP_SECONDS:
            return
        report = sweep()
        self.done["recovered"] += report.recovered
        self.done["rung"] += report.rung
        self.done["sweep failures"] += report.failed
        self.swept_at = time.monotonic()

    def _unfinished(self):
        return Job.objects.exclude(state__in=TERMINAL).exists()

    def _worker(self):
        return self.stack.enter_context(worker(redis_url=self.redis.url, threads=4))

    def _owner(self, number):
        return User.objects.create(username=f"chaos{number}", email=f"chaos{number}@example.org")


def double_effects():
    """Jobs whose result rows are not exactly one when they succeeded, none otherwise."""
    results = Counter(ImageRecord.objects.values_list("original_name", flat=True))
    for job in Job.objects.all():
        wanted = 1 if job.state == Job.State.SUCCEEDED else 0
        if results[str(job.pk)] != wanted:
            yield f"job {job.pk} is {job.state} with {results[str(job.pk)]} results"
        if job.state == Job.State.FAILED:
            yield f"job {job.pk} failed: {job.error_code}"
