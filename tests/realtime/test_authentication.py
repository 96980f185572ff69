"""Who is let in, and how long."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts.authentication import FamilyJwtAuthentication
from accounts.models import ApiToken
from project.realtime.credentials import credential_of
from project.realtime.feed_consumer import Pace
from project.realtime.routing import websocket_application
from tests.realtime.sockets import (
    OWN_HOST,
    by_cookie,
    closing_code,
    communicator,
    cookie,
    hear,
    opened,
    sign_in,
)
from tests.realtime.tokens import api_token, authorization, jwt

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NEVER = Pace(ping_seconds=3600)


async def knock(headers, subprotocols=("jobs.v1",)):
    """(accepted, chosen subprotocol or close code)."""
    socket = communicator(headers, subprotocols)
    answer = await socket.connect(5)
    if answer[0]:
        await socket.disconnect(timeout=5)
    return answer


async def test_a_stranger_is_refused_in_the_handshake():
    assert await knock(OWN_HOST) == (False, 4401)
    assert await knock([]) == (False, 4401)


async def test_a_session_opens_a_socket_from_our_own_page(user):
    assert await knock(await by_cookie(user)) == (True, "jobs.v1")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://testserver.evil.example",
        "http://testserver:8080",
        "null",
        "",
    ],
)
async def test_a_cross_origin_handshake_is_refused(user, origin):
    session = cookie(await sync_to_async(sign_in)(user))
    headers = [(b"host", b"testserver"), (b"origin", origin.encode()), session]
    assert await knock(headers) == (False, 4401)


async def test_a_handshake_without_an_origin_needs_more_than_a_cookie(user):
    session = cookie(await sync_to_async(sign_in)(user))
    assert await knock([(b"host", b"testserver"), session]) == (False, 4401)


async def test_a_host_that_is_not_ours_is_refused(user):
    session = cookie(await sync_to_async(sign_in)(user))
    headers = [(b"host", b"evil.example"), (b"origin", b"http://evil.example"), session]
    assert await knock(headers) == (False, 4401)


async def test_a_trusted_origin_of_a_proxy_passes(user, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://lens.example.org"]
    session = cookie(await sync_to_async(sign_in)(user))
    headers = [(b"host", b"testserver"), (b"origin", b"https://lens.example.org"), session]
    assert await knock(headers) == (True, "jobs.v1")


async def test_a_program_opens_a_socket_with_its_jwt(user):
    assert await knock([await authorization(jwt, user)]) == (True, "jobs.v1")
    assert await knock([(b"authorization", b"Bearer not.a.token")]) == (False, 4401)


async def test_a_program_opens_a_socket_with_an_api_token(user):
    assert await knock([await authorization(api_token, user, "jobs:read")]) == (True, "jobs.v1")


async def test_an_api_token_without_jobs_read_is_refused(user):
    header = await authorization(api_token, user, "images:read")
    assert await knock([header]) == (False, 4401)


async def test_only_jobs_v1_is_echoed(user):
    headers = await by_cookie(user)
    assert await knock(headers, ("chat", "jobs.v1", "ticket.x")) == (True, "jobs.v1")
    assert await knock(headers, ("ticket.x",)) == (True, None)
    assert await knock(headers, ()) == (True, None)


async def test_a_deactivated_user_is_disconnected_at_once(user):
    async with opened(user, pace=NEVER) as socket:
        await hear(socket)
        user.is_active = False
        await user.asave()
        assert await closing_code(socket) == 4401


async def test_a_deactivated_user_is_disconnected_within_sixty_seconds(user):
    """No signal reaches the socket; the check at each ping finds out."""
    assert Pace().ping_seconds <= 60
    async with opened(user, pace=Pace(ping_seconds=0.05)) as socket:
        await hear(socket)
        await type(user).objects.filter(pk=user.pk).aupdate(is_active=False)
        assert await closing_code(socket) == 4401


async def test_signing_out_closes_the_sockets_of_that_session_only(user):
    session, other = await sync_to_async(sign_in)(user), await by_cookie(user)
    ending, staying = communicator([*OWN_HOST, cookie(session)]), communicator(other)
    for socket in (ending, staying):
        await socket.connect(5)
        await hear(socket)
    await sync_to_async(sign_out)(session)
    assert await closing_code(ending) == 4401
    assert await staying.receive_nothing(0.2)
    await staying.disconnect(timeout=5)


def sign_out(session):
    from accounts.sessions import SessionStore

    SessionStore(session).flush()


async def test_a_changed_password_closes_the_socket(user):
    async with opened(user, pace=NEVER) as socket:
        await hear(socket)
        user.set_password("another-correct-horse")
        await user.asave()
        assert await closing_code(socket) == 4401


async def test_a_revoked_token_closes_its_socket(user):
    header = await authorization(api_token, user, "jobs:read")
    socket = communicator([header], pace=NEVER)
    await socket.connect(5)
    await hear(socket)
    token = await ApiToken.objects.aget(owner=user)
    token.revoked_at = timezone.now()
    await token.asave()
    assert await closing_code(socket) == 4401


async def test_a_revoked_family_closes_the_socket_of_its_jwt(user):
    socket = communicator([await authorization(jwt, user)], pace=Pace(ping_seconds=0.05))
    await socket.connect(5)
    await hear(socket)
    await user.token_families.aupdate(revoked_at=timezone.now())
    assert await closing_code(socket) == 4401


def test_a_credential_ends_with_its_jwt(user):
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=jwt(user))
    held = credential_of(Request(request, authenticators=[FamilyJwtAuthentication()]))
    now = timezone.now()
    assert held.user(now=now) == user
    assert held.user(now=now + timedelta(minutes=11)) is None


async def test_the_eleventh_socket_of_a_user_is_refused(user, stranger):
    headers = await by_cookie(user)
    sockets = [communicator(headers, pace=NEVER) for _ in range(11)]
    for socket in sockets:
        assert await socket.connect(5) == (True, "jobs.v1")
    *accepted, refused = sockets
    assert await closing_code(refused) == 4409
    assert await knock(await by_cookie(stranger)) == (True, "jobs.v1")
    await accepted[0].disconnect(timeout=5)
    again = communicator(headers, pace=NEVER)
    await again.connect(5)
    assert (await hear(again))["type"] == "snapshot"
    for socket in (*accepted[1:], again):
        await socket.disconnect(timeout=5)
    await asyncio.gather(refused.wait(1), return_exceptions=True)


async def test_an_unknown_path_is_refused(user):
    from channels.testing import WebsocketCommunicator

    socket = WebsocketCommunicator(websocket_application(), "/ws/other/", await by_cookie(user))
    assert (await socket.connect(5))[0] is False


def test_the_handshake_leaves_the_session_as_it_was(user):
    from asgiref.sync import async_to_sync

    client = Client()
    client.force_login(user)
    key = client.cookies["sessionid"].value
    assert async_to_sync(knock)([*OWN_HOST, cookie(key)]) == (True, "jobs.v1")
    assert client.session.session_key == key
    assert client.session["_auth_user_id"] == str(user.pk)
