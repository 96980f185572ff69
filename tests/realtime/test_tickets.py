"""Tickets: one use, thirty seconds, nothing readable in the cache."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from project.realtime.credentials import Credential
from project.realtime.feed_consumer import Pace
from project.realtime.tickets import TTL_SECONDS, consume_ticket, issue_ticket
from tests.realtime.sockets import closing_code, communicator, hear
from tests.realtime.tokens import api_token

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

URL = "/api/v1/ws-tickets/"
NO_HEADERS: list[tuple[bytes, bytes]] = [(b"host", b"testserver")]


def credential(user):
    return Credential(user_id=user.pk, stamp=user.get_session_auth_hash())


def ask_for_ticket(user):
    client = APIClient()
    client.force_login(user)
    return client.post(URL)


async def knock(ticket):
    socket = communicator(NO_HEADERS, ("jobs.v1", f"ticket.{ticket}"))
    answer = await socket.connect(5)
    if answer[0]:
        await socket.disconnect(timeout=5)
    return answer


async def test_a_ticket_works_once(user):
    response = await sync_to_async(ask_for_ticket)(user)
    assert (response.status_code, response.data["expires_in"]) == (201, 30)
    assert response["Cache-Control"] == "no-store"
    assert await knock(response.data["ticket"]) == (True, "jobs.v1")
    assert await knock(response.data["ticket"]) == (False, 4401)


def test_a_ticket_dies_after_thirty_seconds(user):
    now = timezone.now()
    fresh, stale = (issue_ticket(credential=credential(user), now=now) for _ in range(2))
    almost, over = now + timedelta(seconds=29.9), now + timedelta(seconds=30)
    assert consume_ticket(ticket=fresh, now=almost) == credential(user)
    assert consume_ticket(ticket=stale, now=over) is None
    assert consume_ticket(ticket=stale, now=now) is None


def test_the_cache_holds_a_hash_that_expires_by_itself(user):
    store = redis.Redis.from_url(settings.REDIS_URL)
    before = set(store.scan_iter("*ws-ticket*"))
    ticket = issue_ticket(credential=credential(user), now=timezone.now())
    (key,) = set(store.scan_iter("*ws-ticket*")) - before
    assert ticket.encode() not in key
    assert ticket.encode() not in store.get(key)
    assert 0 < store.ttl(key) <= TTL_SECONDS


def test_of_ten_consumers_at_once_one_gets_in(user):
    ticket = issue_ticket(credential=credential(user), now=timezone.now())

    def consume(_):
        return consume_ticket(ticket=ticket, now=timezone.now())

    with ThreadPoolExecutor(10) as pool:
        admitted = [found for found in pool.map(consume, range(10)) if found]
    assert admitted == [credential(user)]


@pytest.mark.parametrize("word", ["", "x", "ticket.", "é" * 40])
async def test_an_invented_ticket_is_refused(word):
    assert await knock(word) == (False, 4401)


async def test_a_ticket_ends_with_the_session_that_made_it(user):
    response = await sync_to_async(ask_for_ticket)(user)
    await sync_to_async(user.sessions.all().delete)()
    assert await knock(response.data["ticket"]) == (False, 4401)


async def test_a_socket_opened_by_ticket_lives_as_long_as_the_token_that_made_it(user):
    def with_token():
        client = APIClient(HTTP_AUTHORIZATION=api_token(user, "jobs:read"))
        return client.post(URL).data["ticket"]

    ticket = await sync_to_async(with_token)()
    socket = communicator(NO_HEADERS, ("jobs.v1", f"ticket.{ticket}"), pace=Pace(ping_seconds=0.05))
    assert await socket.connect(5) == (True, "jobs.v1")
    await hear(socket)
    await sync_to_async(user.tokens.update)(revoked_at=timezone.now())
    assert await closing_code(socket) == 4401


def test_tickets_are_not_for_strangers():
    response = APIClient().post(URL)
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


def test_an_api_token_needs_jobs_read_for_a_ticket(user):
    client = APIClient(HTTP_AUTHORIZATION=api_token(user, "images:read"))
    response = client.post(URL)
    assert (response.status_code, response.json()["code"]) == (403, "scope_missing")


def test_tickets_are_throttled(user, settings):
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "tickets": "2/day"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    assert [ask_for_ticket(user).status_code for _ in range(3)] == [201, 201, 429]
