"""Pushing is best effort: it never raises, never waits, never reorders."""

from __future__ import annotations

import logging
import threading

import pytest
import redis
from channels.layers import channel_layers
from django.conf import settings

from project.jobs.hooks import JobChange
from project.realtime import publisher
from project.realtime.publisher import Publisher, flush, publish_change
from project.realtime.quiet_log import QuietLog
from project.uuid7 import uuid7

pytestmark = pytest.mark.services


def change_of(owner, **more):
    return JobChange(
        **{
            "job": uuid7(),
            "owner_id": owner.pk,
            "kind": "test.echo",
            "seq": 1,
            "event": "queued",
            "state": "queued",
            "stage": "",
            "progress": 0.0,
            "done": 0,
            "total": 0,
            **more,
        }
    )


@pytest.fixture
def dead_redis(settings):
    """The channel layer points at a socket that nobody listens on."""
    layer = {**settings.CHANNEL_LAYERS["default"]}
    layer["CONFIG"] = {**layer["CONFIG"], "hosts": ["unix:///tmp/no-such-redis.sock"]}
    settings.CHANNEL_LAYERS = {"default": layer}
    yield
    channel_layers.backends.pop("default", None)


def test_changes_of_one_process_arrive_in_order(user):
    subscriber = redis.Redis.from_url(settings.REDIS_URL).pubsub()
    prefix = settings.CHANNEL_LAYERS["default"]["CONFIG"]["prefix"]
    subscriber.subscribe(f"{prefix}__group__user.{user.pk}")
    subscriber.get_message(timeout=5)
    for seq in range(1, 101):
        publish_change(change_of(user, seq=seq))
    flush(timeout_seconds=5)
    import msgpack

    heard = [msgpack.unpackb(subscriber.get_message(timeout=5)["data"]) for _ in range(100)]
    subscriber.close()
    assert [message["message"]["seq"] for message in heard] == list(range(1, 101))


def test_a_dead_redis_is_one_warning_and_no_exception(user, dead_redis, caplog, monkeypatch):
    log = QuietLog(publisher._logger, every_seconds=3600)
    monkeypatch.setattr(publisher, "_quiet", log)
    for _ in range(5):
        publish_change(change_of(user))
    flush(timeout_seconds=10)
    told = [record for record in caplog.records if record.name == publisher.__name__]
    assert [record.levelno for record in told] == [logging.WARNING]
    assert log._left_out == 4


def test_a_bug_in_sending_is_logged_and_not_raised(user, caplog, monkeypatch):
    async def broken(group, message):
        raise TypeError("not serializable")

    monkeypatch.setattr(publisher, "_send", broken)
    publish_change(change_of(user))
    flush(timeout_seconds=10)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_publishing_does_not_wait_for_redis(user, monkeypatch):
    """The caller comes back although nothing can be sent yet."""
    gate = threading.Event()

    async def stuck(group, message):
        import asyncio

        while not gate.is_set():
            await asyncio.sleep(0.001)

    monkeypatch.setattr(publisher, "_send", stuck)
    monkeypatch.setattr(publisher, "MAX_IN_FLIGHT", 10)
    waiting = Publisher()
    for _ in range(50):
        waiting.send("user.1", {"type": "job.changed"})
    assert len(waiting._in_flight) == 10
    gate.set()
    waiting.flush(timeout_seconds=5)
    assert not waiting._in_flight


def test_a_repeated_warning_is_told_once_and_counted(caplog):
    now = [0.0]
    log = QuietLog(logging.getLogger("quiet"), every_seconds=30, clock=lambda: now[0])
    for _ in range(10):
        log.warning("lost %s", "it")
    now[0] = 31.0
    log.warning("lost %s", "it")
    assert [record.getMessage() for record in caplog.records] == [
        "lost it",
        "lost it (9 like this left out)",
    ]
