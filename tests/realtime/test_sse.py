"""Server-sent events and polling: the fallbacks say what the socket says."""

from __future__ import annotations

import json

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client
from rest_framework.test import APIClient

from project.realtime import connections
from project.realtime.credentials import Credential
from project.realtime.sse import Pace, Viewer, stream_jobs
from tests.realtime.sockets import hear, opened
from tests.realtime.story import afinish, aprogress, aqueued, astart
from tests.realtime.tokens import api_token

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

URL = "/api/v1/jobs/stream/"


def viewer(user, **pace):
    return Viewer(
        user=user,
        credential=Credential(user_id=user.pk, stamp=user.get_session_auth_hash()),
        language="en",
        connection="sse.test",
        pace=Pace(**pace),
    )


@sync_to_async
def held_by(user):
    """How many live connections are counted for the user."""
    return connections._client().zcard(connections._key(user.pk))


async def messages(stream):
    """The decoded `data:` lines."""
    async for chunk in stream:
        for line in chunk.decode().splitlines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


async def test_the_stream_starts_with_a_snapshot_and_goes_on_with_changes(user):
    job = await astart(await aqueued(user))
    stream = stream_jobs(viewer(user))
    heard = messages(stream)
    snapshot = await anext(heard)
    await aprogress(job, 0.5)
    change = await anext(heard)
    await stream.aclose()
    assert (snapshot["type"], snapshot["complete"]) == ("snapshot", True)
    assert (change["type"], change["seq"], change["progress"]) == ("job", 3, 0.5)


async def test_sse_and_polling_carry_the_same_payload_as_the_socket(user):
    job = await astart(await aqueued(user))
    stream = stream_jobs(viewer(user))
    heard = messages(stream)
    async with opened(user) as socket:
        by_socket, by_sse = await hear(socket), await anext(heard)
        client = Client()
        await sync_to_async(client.force_login)(user)
        polled = (await sync_to_async(client.get)("/api/v1/jobs/")).json()["results"]
        assert by_sse == by_socket
        assert polled == by_socket["jobs"]
        await afinish(job)
        assert await anext(heard) == await hear(socket)
    await stream.aclose()


async def test_a_stranger_is_told_nothing_by_sse_or_polling(user, stranger):
    theirs, own = await aqueued(stranger), await aqueued(user)
    stream = stream_jobs(viewer(user))
    heard = messages(stream)
    snapshot = await anext(heard)
    await astart(theirs)
    await astart(own)
    change = await anext(heard)
    await stream.aclose()
    client = Client()
    await sync_to_async(client.force_login)(user)
    polled = (await sync_to_async(client.get)("/api/v1/jobs/")).json()["results"]
    assert [job["job"] for job in snapshot["jobs"]] == [str(own.pk)]
    assert change["job"] == str(own.pk)
    assert [job["job"] for job in polled] == [str(own.pk)]


async def test_a_comment_keeps_the_stream_alive_and_a_missed_change_is_repaired(user, monkeypatch):
    from project.jobs import hooks

    job = await astart(await aqueued(user))
    stream = stream_jobs(viewer(user, comment_seconds=0.05))
    assert await anext(stream) == b"retry: 2000\n\n"
    await anext(stream)
    assert await anext(stream) == b": keep-alive\n\n"
    monkeypatch.setattr(hooks, "_publisher", lambda change: None)
    await afinish(job)
    repair = await anext(messages(stream))
    await stream.aclose()
    assert (repair["complete"], repair["jobs"][0]["state"]) == (False, "succeeded")


async def test_the_stream_of_a_deactivated_user_ends(user):
    stream = stream_jobs(viewer(user))
    heard = messages(stream)
    await anext(heard)
    user.is_active = False
    await user.asave()
    assert await anext(heard, "the end") == "the end"


async def test_a_stream_ends_by_itself_so_that_a_stalled_client_costs_little(user):
    stream = stream_jobs(viewer(user, life_seconds=0.05, comment_seconds=0.02))
    chunks = [chunk async for chunk in stream]
    assert set(chunks[2:]) <= {b": keep-alive\n\n"}
    assert Pace().life_seconds <= 600
    assert Pace().comment_seconds == 15


async def test_the_view_streams_to_a_signed_in_page(user):
    client = AsyncClient()
    await client.aforce_login(user)
    await aqueued(user)
    response = await client.get(URL, headers={"accept": "text/event-stream"})
    assert response.status_code == 200
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "no-cache"
    content = aiter(response)
    snapshot = await anext(messages(content))
    assert snapshot["type"] == "snapshot"
    assert len(snapshot["jobs"]) == 1
    await content.aclose()


async def test_a_closed_stream_leaves_its_place(user):
    client = AsyncClient()
    await client.aforce_login(user)
    response = await client.get(URL)
    content = aiter(response)
    await anext(content)
    assert await held_by(user) == 1
    await content.aclose()
    assert await held_by(user) == 0


def test_the_eleventh_live_connection_is_refused(user):
    from django.utils import timezone

    for number in range(10):
        assert connections.enter(user_id=user.pk, connection=f"c{number}", now=timezone.now())
    client = Client()
    client.force_login(user)
    response = client.get(URL)
    assert (response.status_code, response.json()["code"]) == (429, "too_many_connections")
    assert response["Retry-After"] == "5"


def test_the_stream_is_not_for_strangers_nor_for_tokens_without_scope(user):
    refused = APIClient().get(URL, HTTP_ACCEPT="text/event-stream")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
    client = APIClient(HTTP_AUTHORIZATION=api_token(user, "images:read"))
    refused = client.get(URL, HTTP_ACCEPT="text/event-stream")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
