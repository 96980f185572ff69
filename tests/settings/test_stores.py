"""One address of Redis, understood alike by redis-py, Channels and Celery."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.core.cache import caches

from project.celery import app
from project.settings.stores import broker_tls, broker_url


@pytest.fixture
def as_celery_connects(monkeypatch):
    """The arguments of Celery's connections to this address, without connecting."""
    monkeypatch.setattr(redis.Redis, "ping", lambda self: True)

    def arguments(url):
        use_ssl = broker_tls(url)
        with app.connection_for_write(broker_url(url), ssl=use_ssl) as connection:
            return connection.channel()._connparams()

    return arguments


@pytest.mark.parametrize(
    "url",
    [
        "unix:///run/redis.sock",
        "unix:///run/redis.sock?db=3",
        "unix://:canary@/run/redis.sock?db=3",
        "unix://lens:canary@/run/redis.sock",
    ],
)
def test_celery_reaches_the_same_socket_database_and_account(as_celery_connects, url):
    ours = redis.ConnectionPool.from_url(url).connection_kwargs
    celerys = as_celery_connects(url)
    assert {name: celerys.get(name) or None for name in ("path", "username", "password")} == {
        name: ours.get(name) or None for name in ("path", "username", "password")
    }
    assert celerys["db"] == ours.get("db", 0)


def test_an_address_over_tcp_stays_as_it_is():
    assert broker_url("rediss://:canary@redis:6380/2") == "rediss://:canary@redis:6380/2"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"ssl_cert_reqs": "required"}),
        (
            "?ssl_ca_certs=/etc/ca.pem",
            {"ssl_cert_reqs": "required", "ssl_ca_certs": "/etc/ca.pem"},
        ),
    ],
)
def test_celery_trusts_no_certificate_that_the_cache_would_refuse(
    as_celery_connects, query, expected
):
    arguments = as_celery_connects(f"rediss://:canary@redis:6380/2{query}")
    assert arguments["connection_class"] is redis.SSLConnection
    assert {name: arguments.get(name) for name in expected} == expected


def test_without_tls_there_are_no_tls_options():
    assert broker_tls("redis://:canary@redis:6379/0") is None
    assert broker_tls("unix:///run/redis.sock") is None


def test_the_caches_of_all_requests_share_their_connections():
    """Under ASGI each request runs in a thread of its own and has its own cache object."""

    def pool_of_a_request():
        return caches["default"]._cache._get_connection_pool(write=True)

    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as another:
        pools = [one.submit(pool_of_a_request).result(), another.submit(pool_of_a_request).result()]
    assert pools[0] is pools[1]
