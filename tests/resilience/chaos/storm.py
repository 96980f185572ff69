"""A load over HTTP, a whole stack, and an enemy with a seed."""

from __future__ import annotations

import random
import time
from collections import Counter

from django.db import Error, connection, connections

from accounts.models import User
from tests.realtime.tokens import api_token
from tests.resilience.chaos.clients import Clients
from tests.resilience.chaos.plan import OWNERS, blows, orders
from tests.resilience.chaos.recovery import running_on
from tests.resilience.chaos.stack import WORKERS, name_of

UNFINISHED_AT_MOST = 6  # background places of three workers: recovery is measured, not a queue
AHEAD = 4  # orders that may be sent before the blow that falls among them
START_SECONDS = 180
AIM_SECONDS = 10
POLL_SECONDS = 0.1
UNFINISHED = "SELECT owner_id, id FROM jobs_job WHERE state IN ('queued', 'running') ORDER BY id"


class Storm:
    """One run on a migrated, empty database."""

    def __init__(self, *, seed, jobs, stack):
        self.rng = random.Random(seed)
        self.jobs = jobs
        self.stack = stack
        self.struck = Counter()
        self.interrupted = []
        self.fell = []
        owners = [self._owner(number) for number in range(OWNERS)]
        self.clients = Clients(
            url=stack.url,
            orders=orders(rng=self.rng, jobs=jobs, seed=seed),
            owners=[owner.pk for owner in owners],
            tokens=[api_token(owner, "jobs:write", "jobs:read") for owner in owners],
        )
        self._places = {owner.pk: place for place, owner in enumerate(owners)}
        self._blows = blows(rng=self.rng, jobs=jobs, restarts=stack.cluster is not None)

    def run(self, *, patience):
        """Until every job has ended; False when some have not `patience` seconds after the
        last request was accepted."""
        self._wait_for_workers()
        self.clients.start()
        try:
            for threshold, blow in self._blows:
                if not self._go_on(threshold, patience):
                    return False
                self._strike(blow)
            return self._go_on(self.jobs, patience) and self._all_end(patience)
        finally:
            self.clients.stop()

    def _go_on(self, threshold, patience):
        """Let requests through until `threshold` of them were accepted."""
        end = time.monotonic() + patience
        while self.clients.accepted < threshold:
            is_open = len(self._select(UNFINISHED)) < UNFINISHED_AT_MOST
            self.clients.allow(up_to=threshold + AHEAD, is_open=is_open)
            self.fell += self.stack.revive()
            if time.monotonic() > end:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def _all_end(self, patience):
        end = time.monotonic() + patience
        while self._select(UNFINISHED) or not self.clients.are_done:
            self.fell += self.stack.revive()
            if time.monotonic() > end:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def _strike(self, blow):
        if blow == "worker":
            self._kill_a_worker()
        elif blow == "web":
            self.clients.wait_for_flight(AIM_SECONDS)
            time.sleep(self.rng.uniform(0, 0.04))
            self.stack.kill_web()
        elif blow == "postgres":
            self.stack.restart_postgres()
        elif blow == "cancel":
            if not self._cancel():
                return
        else:
            lose_data = blow == "redis, data lost"
            self.stack.kill_redis(lose_data=lose_data, pause=self.rng.uniform(0, 2))
        self.struck[blow] += 1

    def _kill_a_worker(self):
        """One that runs a job, if any does within a while. The others must be ready: how soon a
        job runs again says nothing where nobody has room for it."""
        end = time.monotonic() + START_SECONDS
        while self._ready_workers() < WORKERS and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        ahead = self.clients.accepted + UNFINISHED_AT_MOST
        self.clients.allow(up_to=ahead, is_open=True)
        end = time.monotonic() + AIM_SECONDS
        while not (busy := self._busy_workers()) and time.monotonic() < end:
            time.sleep(0.02)
        worker = self.rng.choice(busy or self.stack.workers)
        died_at = self.stack.kill_worker(worker)
        self.interrupted += self._ask(lambda: running_on(name_of(worker), died_at))

    def _busy_workers(self):
        rows = self._select("SELECT DISTINCT worker FROM jobs_job WHERE state = 'running'")
        return self._among(name for (name,) in rows)

    def _cancel(self):
        rows = self._select(UNFINISHED)
        if not rows:
            return False
        owner, job = self.rng.choice(rows)
        return self.clients.cancel(owner=self._places[owner], job=job)

    def _ready_workers(self):
        rows = self._select("SELECT name FROM jobs_worker WHERE ready")
        return len(self._among(name for (name,) in rows))

    def _among(self, names):
        known = list(names)
        return [
            worker
            for worker in self.stack.workers
            if any(name.startswith(name_of(worker)) for name in known)
        ]

    def _wait_for_workers(self):
        end = time.monotonic() + START_SECONDS
        while self._ready_workers() < WORKERS:
            ends = self.stack.revive()
            if ends or time.monotonic() > end:
                raise RuntimeError(f"the workers did not start: {ends}")
            time.sleep(POLL_SECONDS)

    def _select(self, sql):
        def ask():
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()

        return self._ask(ask)

    def _ask(self, question):
        """The answer, on a new connection if a restart has cut the old one."""
        try:
            return question()
        except Error:
            connections.close_all()
            return question()

    def _owner(self, number):
        return User.objects.create(username=f"chaos{number}", email=f"chaos{number}@example.org")
