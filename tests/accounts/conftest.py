"""Clients for the accounts suite."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axes.handlers.proxy import AxesProxyHandler
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.models import Role, Scope, User
from accounts.services.families import TokenPair, issue_pair
from accounts.services.tokens import create_token
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def empty_cache(redis_server: None) -> None:
    """Lock-outs, cached roles and cached sessions of earlier tests are gone."""
    delete_own_keys()


def delete_own_keys() -> None:
    """Not `cache.clear()`: that empties the server, which other test processes may share."""
    redis = cache._cache.get_client(write=True)
    for key in redis.scan_iter(f"{cache.key_prefix}:*"):
        redis.delete(key)


@pytest.fixture
def api() -> APIClient:
    """Nobody."""
    return APIClient()


@pytest.fixture
def administrator(db: None) -> User:
    """Somebody who manages users and roles."""
    return UserFactory(role=Role.ADMINISTRATOR)


@pytest.fixture
def operator(db: None) -> User:
    """Somebody who watches the queue."""
    return UserFactory(role=Role.OPERATOR)


Bearer = Callable[[User], APIClient]


@pytest.fixture
def bearer() -> Bearer:
    """A client with a JWT."""

    def client(user: User) -> APIClient:
        return with_pair(issue_pair(user=user))

    return client


def with_pair(pair: TokenPair) -> APIClient:
    """A client that sends this access token."""
    return APIClient(headers={"Authorization": f"Bearer {pair.access}"})


def with_token(user: User, *scopes: Scope) -> APIClient:
    """A client that sends a fresh API token of `user`."""
    made = create_token(owner=user, name="test", scopes=scopes)
    return APIClient(headers={"Authorization": f"Token {made.secret}"})


@pytest.fixture
def dead_redis(settings, monkeypatch) -> None:
    """The cache's address leads nowhere."""
    monkeypatch.setattr(AxesProxyHandler, "implementation", None)  # it remembers its cache
    dead = {**settings.CACHES["default"], "LOCATION": "unix:///nonexistent/redis.sock"}
    settings.CACHES = {"default": dead}
