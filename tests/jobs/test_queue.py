"""The broker: what it carries, and how Celery is set."""

from __future__ import annotations

import base64
import json

import celery
import kombu
import pytest
import redis
from django.conf import settings

from project.celery import app
from project.jobs.sweep import bells_waiting

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

REVERIFY = """
Verified with Celery 5.7.0 and kombu 5.7.0. Before this line changes, verify again:
 * the same worker consumes again after Redis was killed (tests/resilience/test_broker.py);
 * the threads pool still has no time limits, so deadlines stay ours (celery/concurrency/thread.py);
 * worker_shutting_down is still sent for every SIGTERM, the second one included (apps/worker.py);
 * worker_ready is sent once, before the first message is handled (worker/loops.py);
 * max_retries=0 in broker_transport_options makes a dead broker fail at once (kombu/connection.py);
 * queue_declare counts the waiting messages of a Redis queue (kombu/transport/virtual/base.py);
 * CELERY_SKIP_CHECKS is still honoured (fixups/django.py).
"""


@pytest.fixture
def waiting():
    """The raw messages of the device queue; empty at the start."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    key = f"{prefix}{settings.GPU_QUEUE}"
    client.delete(key)
    yield lambda: [json.loads(raw) for raw in client.lrange(key, 0, -1)]
    client.delete(key)
    client.close()


def test_the_celery_version_is_the_one_we_verified():
    assert (celery.__version__, kombu.__version__) == ("5.7.0", "5.7.0"), REVERIFY


def test_only_json_is_accepted():
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    pickled, content_type, encoding = kombu.serialization.dumps({"a": 1}, serializer="pickle")
    with pytest.raises(kombu.exceptions.ContentDisallowed):
        kombu.serialization.loads(pickled, content_type, encoding, accept=app.conf.accept_content)


def test_a_message_holds_an_id_and_nothing_else(submit, waiting):
    job = submit("test.echo", params={"text": "a secret"})
    (message,) = waiting()
    body = json.loads(base64.b64decode(message["body"]))
    assert body[:2] == [[str(job.pk)], {}]
    assert message["headers"]["task"] == "jobs.run"
    assert message["content-type"] == "application/json"
    assert "a secret" not in json.dumps(message)


def test_the_waiting_bells_are_counted(submit, waiting):
    assert bells_waiting() == 0
    submit()
    submit()
    assert bells_waiting() == len(waiting()) == 2


def test_the_settings_that_durability_rests_on():
    conf = app.conf
    assert conf.task_acks_late
    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_ignore_result
    assert conf.result_backend is None
    assert conf.broker_transport_options["max_retries"] == 0
    assert not conf.worker_cancel_long_running_tasks_on_connection_loss
    assert conf.task_routes == {"jobs.run": {"queue": "gpu"}}
