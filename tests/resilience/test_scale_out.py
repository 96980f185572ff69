"""Three workers and two web processes, as on five machines: PostgreSQL, Redis and S3 are all
they share."""

from __future__ import annotations

import io
import json
import time
from datetime import timedelta
from urllib.request import urlopen

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone
from PIL import Image

from project.jobs.models import Job, Worker
from project.jobs.sweep import sweep
from tests.images import samples
from tests.realtime.sockets import sign_in
from tests.realtime.tokens import jwt
from tests.resilience.auditor import audit
from tests.resilience.machines import PATIENCE_SECONDS, THREADS, fleet
from tests.resilience.processes import wait_until

pytestmark = [
    pytest.mark.services,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql",
        reason="several machines need PostgreSQL, SQLite is a file of one: make test-services",
    ),
]

SWEEP_SECONDS = 2
ENDED = {"succeeded", "failed", "cancelled"}


@pytest.fixture(scope="module")
def machines(django_db_setup, django_db_blocker, tmp_path_factory):
    """The fleet, started once."""
    with django_db_blocker.unblock():
        if connection.vendor != "postgresql":
            pytest.skip(
                "several machines need PostgreSQL: SQLite is a file of one (make test-services)"
            )
        with fleet(tmp_path_factory.mktemp("machines")) as started:
            connection.close()
            yield started
        forget_workers()


def forget_workers():
    """The fleet outlives the flush after the last test, and a beat writes its worker's row anew.

    TRUNCATE waits for what a killed worker's connection still commits; DELETE would not see it.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {connection.ops.quote_name(Worker._meta.db_table)}")
    connection.close()


@pytest.fixture
def bearer(user):
    """A token that both web processes accept."""
    return jwt(user)


@pytest.fixture(autouse=True)
def nothing_contradicts(machines):
    """After every test rows, events and the files in the bucket agree."""
    yield
    stored = machines.bucket.keys("jobs/") | machines.bucket.keys("uploads/")
    assert audit(stored=stored) == []
    machines.bucket.empty()


@pytest.fixture
def gate(tmp_path):
    """A file that lets every copy go on."""
    return tmp_path / "gate"


def hand_in(web, bearer, gate=""):
    upload = io.BytesIO(samples.save(samples.gradient()))
    upload.name = "photo.png"
    form = {"file": upload, "gate": str(gate)}
    return web.json("POST", "/api/v1/test-copies/", bearer=bearer, form=form)["job"]


def download(web, bearer, bucket, job):
    """The result as its owner gets it from `web`: a short-lived address in the bucket."""
    url = web.json("GET", f"/api/v1/jobs/{job}/", bearer=bearer)["result_url"]
    status, headers, _body = web.request("GET", url, bearer=bearer)
    assert status == 302
    assert headers["Location"].startswith(bucket.endpoint)
    return fetch(headers["Location"])


def fetch(location):
    with urlopen(location, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310  (our own server)
        return answer.read()


def follow(socket, job):
    """What a socket shows of a job until its end: {seq: (event, state)}."""
    seen = {}
    while not seen or seen[max(seen)][1] not in ENDED:
        message = json.loads(socket.recv(timeout=PATIENCE_SECONDS))
        if message["type"] == "ping":
            socket.send(json.dumps({"pong": True}))
        elif message["type"] == "job" and message["job"] == job:
            seen[message["seq"]] = (message["event"], message["state"])
    return seen


def count(**where):
    return Job.objects.filter(**where).count()


def until(condition, machines):
    """Wait for it, sweeping every two seconds as the scheduler of a deployment does."""
    next_sweep = time.monotonic() + SWEEP_SECONDS

    def condition_after_sweep():
        nonlocal next_sweep
        if time.monotonic() >= next_sweep:
            sweep()
            next_sweep = time.monotonic() + SWEEP_SECONDS
        return condition()

    wait_until(condition_after_sweep, process=machines.workers[0], seconds=PATIENCE_SECONDS)


def test_a_job_of_one_machine_is_seen_live_and_downloaded_on_another(machines, user, bearer, gate):
    a, b = machines.webs
    session = sign_in(user)
    with a.open_socket(session) as at_a, b.open_socket(session) as at_b:
        for socket in (at_a, at_b):
            assert json.loads(socket.recv(timeout=PATIENCE_SECONDS))["type"] == "snapshot"
        job = hand_in(a, bearer, gate)
        until(lambda: count(pk=job, state="running") == 1, machines)
        gate.touch()
        seen_at_a, seen_at_b = follow(at_a, job), follow(at_b, job)
    row = Job.objects.get(pk=job)
    assert (row.state, row.attempt) == ("succeeded", 1)
    assert max(seen_at_a.items()) == max(seen_at_b.items()) == (row.seq, ("succeeded",) * 2)
    assert all(seen_at_a[seq] == seen_at_b[seq] for seq in seen_at_a.keys() & seen_at_b.keys())

    results = [download(web, bearer, machines.bucket, job) for web in machines.webs]
    assert results[0] == results[1]
    assert np.array_equal(Image.open(io.BytesIO(results[1])), samples.gradient())


def test_jobs_spread_over_the_workers_and_each_has_one_effect(machines, bearer, gate):
    own = THREADS - 1  # the last thread of a worker is for other owners
    places = own * len(machines.workers)
    jobs = [hand_in(machines.webs[n % 2], bearer, gate) for n in range(places + 3)]
    until(lambda: count(state="running") == places, machines)
    holders = list(Job.objects.filter(state="running").values_list("worker", flat=True))
    assert sorted(holders.count(name) for name in set(holders)) == [own] * len(machines.workers)
    gate.touch()
    until(lambda: count(state="succeeded") == len(jobs), machines)
    assert count(attempt=1) == len(jobs)
    stored = machines.bucket.keys("jobs/")
    assert sorted(key.split("/")[1] for key in stored) == sorted(jobs)


def test_a_cancel_sent_to_one_machine_stops_a_job_of_another(machines, user, bearer, gate):
    a, b = machines.webs
    with a.open_socket(sign_in(user)) as at_a:
        job = hand_in(a, bearer, gate)
        until(lambda: count(pk=job, state="running") == 1, machines)
        b.json("POST", f"/api/v1/jobs/{job}/cancel/", bearer=bearer)
        assert max(follow(at_a, job).items())[1] == ("cancelled", "cancelled")
    assert count(pk=job, state="cancelled") == 1


def test_a_worker_killed_in_mid_job_leaves_it_to_another(machines, bearer, gate):
    job = hand_in(machines.webs[0], bearer, gate)
    until(lambda: count(pk=job, state="running") == 1, machines)
    first = Job.objects.get(pk=job).worker
    doomed = machines.worker_called(first)
    doomed.kill()
    doomed.wait()
    sweep(
        now=timezone.now() + timedelta(seconds=31)
    )  # as the scheduler does when the lease is over
    until(lambda: count(pk=job, state="running", attempt=2) == 1, machines)
    assert Job.objects.get(pk=job).worker != first
    gate.touch()
    until(lambda: count(pk=job, state="succeeded") == 1, machines)
    assert machines.bucket.keys("jobs/") == {f"jobs/{job}/2/copy.png"}


def test_no_machine_keeps_anything_that_another_needs(machines, bearer):
    """Runs last: uploads, results and copies of every test above went through these folders."""
    job = hand_in(machines.webs[0], bearer)
    until(lambda: count(pk=job, state="succeeded") == 1, machines)
    url = machines.webs[1].json("GET", f"/api/v1/jobs/{job}/", bearer=bearer)["result_url"]
    assert machines.webs[1].request("GET", url, bearer=bearer)[0] == 302
    kept = {
        str(path.relative_to(machines.folder))
        for path in machines.folder.rglob("*")
        if path.is_file() and path.suffix != ".log"
    }
    assert kept == set()
