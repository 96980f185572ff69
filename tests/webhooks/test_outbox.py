"""The end of a job and its delivery are one: neither without the other, whatever dies when."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from project.jobs.claim import claim_job
from project.jobs.finish import succeed
from project.jobs.kinds import Outcome
from project.jobs.models import Job
from project.jobs.submit import submit_job
from project.webhooks.callbacks import attach_callback
from project.webhooks.models import Delivery
from project.webhooks.sweep import sweep_deliveries
from project.webhooks.tasks import deliver
from tests.outbound.receiver import receiving
from tests.resilience.conftest import own_redis  # noqa: F401  (fixtures are used by name)
from tests.resilience.processes import child_environment, start, wait_until

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


class Undone(Exception):
    """What makes a transaction roll back."""


def test_an_end_that_is_rolled_back_is_not_told(user, loopback):
    with receiving() as server:
        loopback(server.port)
        job = submit_job(owner=user, kind="test.echo", params={}).job
        attach_callback(job=job, url=f"http://127.0.0.1:{server.port}/")
        running = claim_job(worker="w")

        def commit(done):
            assert Delivery.objects.count() == 1  # written before the end is committed
            raise Undone

        with pytest.raises(Undone):
            succeed(job=running, outcome=Outcome(commit=commit))
        deliver()
    job.refresh_from_db()
    assert (job.state, Delivery.objects.count(), server.requests) == ("running", 0, [])


def test_no_end_is_committed_without_its_delivery(user, loopback, monkeypatch):
    with receiving() as server:
        loopback(server.port)
        job = submit_job(owner=user, kind="test.echo", params={}).job
        attach_callback(job=job, url=f"http://127.0.0.1:{server.port}/")
        running = claim_job(worker="w")
    with pytest.raises(Undone), transaction.atomic():
        succeed(job=running, outcome=Outcome(commit=lambda done: None))
        raise Undone
    assert (Job.objects.get().state, Delivery.objects.count()) == ("running", 0)
    succeed(job=running, outcome=Outcome(commit=lambda done: None))
    assert (Job.objects.get().state, Delivery.objects.count()) == ("succeeded", 1)


def test_a_callback_that_comes_after_the_end_is_told_once(user, loopback):
    with receiving() as server:
        loopback(server.port)
        job = submit_job(owner=user, kind="test.echo", params={}).job
        succeed(job=claim_job(worker="w"), outcome=Outcome(commit=lambda done: None))
        for _ in range(2):
            attach_callback(job=job, url=f"http://127.0.0.1:{server.port}/")
        deliver()
    assert len(server.requests) == 1


def test_a_delivery_survives_the_loss_of_redis(user, loopback, own_redis):  # noqa: F811
    """No bell can be sent when the job ends; the sweeper rings when Redis is there again."""
    with receiving() as server:
        loopback(server.port)
        job = submit_job(owner=user, kind="test.echo", params={}).job
        attach_callback(job=job, url=f"http://127.0.0.1:{server.port}/")
        running = claim_job(worker="w")
        own_redis.kill()
        succeed(job=running, outcome=Outcome(commit=lambda done: None))
        report = sweep_deliveries()
        assert (report.due, report.rung) == (1, 0)
        own_redis.start()
        assert sweep_deliveries().rung == 1
        assert sweep_deliveries().rung == 0  # that bell still waits for a worker
        with default_worker(own_redis.url, server.port) as worker:
            wait_until(lambda: server.requests, process=worker)
            wait_until(lambda: Delivery.objects.get().state == "delivered", process=worker)


@pytest.mark.parametrize(
    ("point", "received"), [("webhook.after_claim", 0), ("webhook.before_record", 1)]
)
def test_a_worker_killed_in_an_attempt_costs_no_delivery(
    user,
    loopback,
    own_redis,  # noqa: F811
    point,
    received,
):
    """Killed before the call it is sent later; killed after it the receiver gets it twice, with
    one event id."""
    with receiving() as server:
        loopback(server.port)
        job = submit_job(owner=user, kind="test.echo", params={}).job
        attach_callback(job=job, url=f"http://127.0.0.1:{server.port}/")
        succeed(job=claim_job(worker="w"), outcome=Outcome(commit=lambda done: None))
        with default_worker(own_redis.url, server.port, OMNILENS_FAILPOINT=point) as doomed:
            wait_until(lambda: doomed.poll() is not None, process=doomed)
        assert (doomed.returncode, len(server.requests)) == (-9, received)
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.attempts) == ("pending", 1)
        assert sweep_deliveries().due == 0  # the lease of the dead still runs
        Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert sweep_deliveries().due == 1
        deliver()
    assert Delivery.objects.get().state == "delivered"
    events = [headers["Omnilens-Event"] for _path, headers, _body in server.requests]
    assert events == [str(delivery.pk)] * (received + 1)


class default_worker:
    """A worker of the queue `default`, as `up` starts it, until it is killed."""

    def __init__(self, redis_url, port, **environment):
        argv = [sys.executable, "-m", "celery", "-A", "project", "worker", "-Q", "default"]
        argv += ["-P", "threads", "-c", "2", "--without-gossip", "--without-mingle", "-l", "info"]
        own = {
            "CELERY_SKIP_CHECKS": "1",
            "OMNILENS_WEBHOOK_HTTP": "true",
            "OMNILENS_WEBHOOK_ALLOW": f"127.0.0.1:{port}",
        }
        self.process = start(
            "default", argv, child_environment(redis_url=redis_url, **own, **environment)
        )

    def __enter__(self):
        return self.process

    def __exit__(self, *args):
        self.process.kill()
        self.process.wait()
