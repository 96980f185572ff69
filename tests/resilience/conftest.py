"""A broker of one's own, and the fixtures of the job tests."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path

import kombu.pools
import pytest

from project.celery import app
from project.images.storage import PREFIXES
from project.settings.stores import broker_url
from tests.jobs.conftest import pushed, submit  # noqa: F401  (fixtures are used by name)
from tests.resilience.redis_server import RedisServer


def use_broker(url):
    """Point this process's Celery application at another Redis."""
    app.conf.update(broker_url=url, broker_read_url=url, broker_write_url=url)
    kombu.pools.reset()
    app._pool = None
    app.amqp._producer_pool = None


@pytest.fixture(autouse=True)
def no_files_of_earlier_tests(settings):
    """Their rows are gone, so auditor and sweeper would call their files orphans."""
    root = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
    for folder in PREFIXES:
        shutil.rmtree(root / folder, ignore_errors=True)


@contextmanager
def running_redis(**options):
    """A running Redis that only this test uses, also as the broker of this process."""
    before = app.conf.broker_url
    server = RedisServer(**options)
    server.start()
    use_broker(broker_url(server.url))
    try:
        yield server
    finally:
        use_broker(before)
        server.close()


@pytest.fixture
def own_redis():
    """A Redis of one's own; a kill is a wipe."""
    with running_redis() as server:
        yield server


@pytest.fixture
def own_redis_on_disk():
    """A Redis of one's own with an append-only file: a kill costs nothing it has acknowledged."""
    with running_redis(keeps_data=True) as server:
        yield server


@pytest.fixture
def gate(settings):
    """The name of a gate that is closed until `open_gate` is called."""
    path = Path(settings.VAR_DIR) / "gate"
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)
