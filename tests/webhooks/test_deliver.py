"""Sending, retrying, giving up: with a real receiver on loopback and a clock that is told."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.services.people import change_user
from project.jobs.cancel import cancel_job
from project.jobs.claim import claim_job
from project.jobs.finish import fail, succeed
from project.jobs.kinds import Outcome
from project.jobs.submit import submit_job
from project.outbound.allow_list import AllowList
from project.outbound.call import Answer
from project.webhooks.callbacks import attach_callback
from project.webhooks.claim import claim_next
from project.webhooks.models import Delivery, DeliveryAttempt, SigningSecret
from project.webhooks.resend import resend
from project.webhooks.signing_secrets import replace_secret, valid_secrets
from project.webhooks.sweep import prune_deliveries, sweep_deliveries
from tests.factories import ImageFactory
from tests.outbound.receiver import receiving
from tests.webhooks.conftest import NOON

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def test_the_body_says_what_happened_and_the_event_id_is_also_a_header(ended, deliver):
    with receiving() as server:
        job = ended(server, path="/in?token=x")
        delivery = deliver()
    [(path, headers, body)] = server.requests
    assert path == "/in?token=x"
    assert headers["Content-Type"] == "application/json"
    assert headers["Omnilens-Event"] == str(delivery.pk)
    assert json.loads(body) == {
        "id": str(delivery.pk),
        "type": "job.cancelled",
        "version": 1,
        "created_at": "2026-11-26T12:00:00.000000Z",
        "data": {
            "job": str(job.pk),
            "kind": "test.echo",
            "parent": None,
            "state": "cancelled",
            "error_code": "cancelled",
            "result_url": None,
            "created_at": "2026-11-26T12:00:00.000000Z",
            "finished_at": "2026-11-26T12:00:00.000000Z",
        },
    }
    assert (delivery.state, delivery.status_code, delivery.attempts) == ("delivered", 200, 1)
    assert deliver() is None


def test_every_end_of_a_job_is_told_with_its_state(user, loopback, deliver, settings):
    """Succeeded with the address of its result, failed with its code, a batch with its last.
    The row of the result is written after the delivery: the address is found when it is sent."""
    settings.PUBLIC_URL = "https://photos.example.org"
    picture = {"picture": uuid4().hex}
    with receiving() as server:
        loopback(server.port)
        batch = submit_job(owner=user, kind="test.batch", params={}, now=NOON).job
        good = submit_job(owner=user, kind="test.copy", params=picture, parent=batch, now=NOON).job
        bad = submit_job(owner=user, kind="test.echo", params={}, parent=batch, now=NOON).job
        for job in (batch, good, bad):
            attach_callback(job=job, url=f"http://127.0.0.1:{server.port}/")
        for _ in range(2):
            running = claim_job(worker="w", now=NOON)
            if running.pk == bad.pk:
                fail(job=running, code="crash", now=NOON)
            else:
                succeed(job=running, outcome=Outcome(commit=result_row), now=NOON)
        Delivery.objects.update(next_attempt_at=NOON)
        while deliver():
            pass
    told = [json.loads(body) for _path, _headers, body in server.requests]
    facts = {event["data"]["job"]: (event["type"], event["data"]["error_code"]) for event in told}
    assert facts == {
        str(good.pk): ("job.succeeded", None),
        str(bad.pk): ("job.failed", "crash"),
        str(batch.pk): ("job.failed", "some_failed"),
    }
    assert [event["data"]["parent"] for event in told].count(str(batch.pk)) == 2
    urls = {event["data"]["job"]: event["data"]["result_url"] for event in told}
    assert urls.pop(str(good.pk)).startswith("https://photos.example.org/media/")
    assert set(urls.values()) == {None}


def result_row(done):
    """What a handler's commit writes."""
    ImageFactory(owner=done.owner, original_name=str(done.pk))


def test_a_silent_receiver_is_tried_with_growing_pauses_and_then_given_up(
    ended, deliver, clock, settings
):
    settings.WEBHOOK_ATTEMPTS = 4
    with receiving(500, 503, 302, 404) as server:
        ended(server)
        pauses = []
        while (delivery := deliver()) and delivery.is_pending:
            pauses.append(delivery.next_attempt_at - clock.now)
            clock.now = delivery.next_attempt_at - timedelta(seconds=1)
            assert deliver() is None  # not before its time
            clock.now = delivery.next_attempt_at
    assert pauses == [timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=6)]
    assert (delivery.state, delivery.attempts, delivery.finished_at) == ("failed", 4, clock.now)
    assert deliver() is None
    rows = delivery.tries.values_list("number", "status_code", "error_code")
    assert list(rows) == [(n, s, "status_refused") for n, s in enumerate((500, 503, 302, 404), 1)]
    assert len({headers["Omnilens-Event"] for _path, headers, _body in server.requests}) == 1


def test_a_receiver_that_comes_back_gets_the_same_event(ended, deliver, clock):
    with receiving(500, 200) as server:
        ended(server)
        first = deliver()
        clock.now = first.next_attempt_at
        second = deliver()
    assert (second.pk, second.state, second.attempts) == (first.pk, "delivered", 2)
    bodies = {body for _path, _headers, body in server.requests}
    assert len(bodies) == 1


def test_gone_is_final(ended, deliver):
    with receiving(410) as server:
        ended(server)
        assert (deliver().state, deliver()) == ("failed", None)


def test_a_redirect_into_the_house_reaches_nothing(ended, deliver):
    with receiving() as inside, receiving((302, {}, b"")) as server:
        server.answers = [(302, {"Location": f"http://127.0.0.1:{inside.port}/"}, b"")]
        ended(server)
        delivery = deliver()
    assert (delivery.state, delivery.error_code, inside.requests) == (
        "pending",
        "status_refused",
        [],
    )


def test_an_address_is_judged_again_when_it_is_called(ended, deliver, settings):
    """What the operator no longer allows is not called, and not tried again either."""
    with receiving() as server:
        ended(server)
        settings.WEBHOOK_ALLOW = AllowList()
        delivery = deliver()
    assert (delivery.state, delivery.error_code) == ("failed", "address_refused")
    assert server.requests == []


def test_the_log_keeps_a_short_excerpt_without_secrets(ended, deliver, caplog):
    answer = b"\x00bad whsec_abcdefghijklmnop password=hunter2 " + b"x" * 5000
    with receiving((500, {}, answer)) as server:
        ended(server, path="/hook-path?token=canary")
        delivery = deliver()
    kept = delivery.tries.get().excerpt
    assert kept.startswith("bad whsec_*** password=***")
    assert len(kept) == 200
    assert "canary" not in caplog.text and "hook-path" not in caplog.text


def test_a_job_without_a_callback_tells_nobody(user, deliver):
    job = submit_job(owner=user, kind="test.echo", params={}).job
    cancel_job(job=job)
    assert (Delivery.objects.count(), deliver()) == (0, None)


def test_one_silent_receiver_does_not_hold_the_others_up(ended, deliver, user, stranger, clock):
    """While one person's delivery is in flight, the next is another person's; and whoever was
    served longest ago comes first."""
    with receiving() as server:
        mine = [ended(server, owner=user) for _ in range(3)]
        theirs = ended(server, owner=stranger)
        order = []

        def send(*args, **kwargs):
            if not order:
                order.append("first in flight")
                clock.forward(seconds=1)
                order.append(deliver(send=send).job_id)
            return Answer(status=200, body=b"")

        first = deliver(send=send)
        order += [first.job_id, deliver().job_id]
    assert order == ["first in flight", theirs.pk, mine[0].pk, mine[1].pk]


def test_a_job_that_is_deleted_meanwhile_is_told_all_the_same(ended, deliver):
    with receiving() as server:
        job = ended(server)
        key = str(job.pk)
        job.delete()
        delivery = deliver()
    assert (delivery.state, delivery.job) == ("delivered", None)
    assert json.loads(server.requests[0][2])["data"]["job"] == key


def test_sending_again_uses_the_same_event_id_and_a_full_set_of_attempts(ended, deliver, clock):
    with receiving(410, 200) as server:
        ended(server)
        failed = deliver()
        again = resend(delivery=failed, now=clock.now)
        assert (again.state, again.attempts_left) == ("pending", 5)
        done = deliver()
    assert (done.pk, done.state, done.attempts) == (failed.pk, "delivered", 2)
    assert [number for (number,) in done.tries.values_list("number")] == [1, 2]


def test_a_secret_that_cannot_be_read_ends_the_delivery_unsent_until_there_is_a_new_one(
    ended, deliver, user, clock
):
    with receiving() as server:
        ended(server)
        SigningSecret.objects.filter(owner=user).update(sealed="of another key")
        delivery = deliver()
        assert (delivery.state, delivery.error_code) == ("failed", "secret_unreadable")
        assert server.requests == []
        new = replace_secret(owner=user, now=clock.now)  # the old one has not expired yet
        assert valid_secrets(owner=user, now=clock.now) == [new]
        resend(delivery=delivery, now=clock.now)
        assert deliver().state == "delivered"


def test_a_late_attempt_cannot_overwrite_the_one_that_took_over(ended, deliver, clock):
    """The lease ran out while the receiver was slow; the second attempt has the say."""
    with receiving() as server:
        ended(server)

        def slow(*args, **kwargs):
            clock.forward(minutes=10)
            assert deliver().state == "delivered"
            return Answer(status=500, body=b"")

        deliver(send=slow)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status_code, delivery.attempts) == ("delivered", 200, 2)
    assert DeliveryAttempt.objects.get().number == 2


def test_old_deliveries_go_and_waiting_ones_stay(ended, deliver, clock, settings):
    with receiving(200, 500) as server:
        ended(server)
        ended(server)
        deliver()
        waiting = deliver()
        clock.forward(days=15)
        assert prune_deliveries(now=clock.now) == 1
    assert Delivery.objects.get() == waiting


def test_nothing_is_sent_for_somebody_who_was_deactivated(ended, deliver, user, clock):
    with receiving() as server:
        ended(server)
        change_user(user=user, is_active=False)
        assert deliver() is None
        report = sweep_deliveries(now=clock.now)
    assert (report.due, report.ended, server.requests) == (0, 1, [])
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.error_code) == ("failed", "owner_deactivated")


def test_the_sweep_ends_what_killed_its_worker_each_time(ended, clock, settings):
    settings.WEBHOOK_ATTEMPTS = 1
    with receiving() as server:
        ended(server)
        assert claim_next(now=clock.now) is not None
        assert sweep_deliveries(now=clock.now).ended == 0  # the lease still runs
        clock.forward(minutes=10)
        assert sweep_deliveries(now=clock.now).ended == 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.error_code) == ("failed", "worker_lost")
