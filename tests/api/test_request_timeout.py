"""A view that takes too long is answered for; what has begun is never cut."""

import asyncio
import json

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpResponse

from project.api.request_timeout import RequestTimeout
from project.web.error_pages import timed_out
from tests.api import endless

SCOPE = {"type": "http", "method": "GET", "path": "/api/v1/x/", "headers": []}
LONG = 0.05
HOST = [(b"host", b"localhost")]


class Exchange:
    """One request through the timeout."""

    def __init__(self, application, *, seconds=LONG, bodies=(b"",)):
        self.sent, self.stuck, self._bodies = [], [], list(bodies)
        self.timeout = RequestTimeout(
            application,
            seconds=seconds,
            answer=self.answer,
            when_stuck=lambda: self.stuck.append(1),
        )

    async def answer(self, scope):
        return HttpResponse(b"late", status=503)

    async def receive(self):
        if not self._bodies:
            await asyncio.Event().wait()
        body = self._bodies.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(self._bodies)}

    async def send(self, message):
        self.sent.append(message)

    async def run(self):
        await self.timeout(SCOPE, self.receive, self.send)

    @property
    def statuses(self):
        return [message["status"] for message in self.sent if "status" in message]


async def reply(send, status=200):
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b"x"})


async def test_a_view_that_never_ends_gets_one_answer():
    go_on = asyncio.Event()

    async def endless(scope, receive, send):
        await receive()
        await go_on.wait()
        await reply(send)

    exchange = Exchange(endless)
    await exchange.run()
    assert (exchange.statuses, exchange.sent[-1]["body"]) == ([503], b"late")
    go_on.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert exchange.statuses == [503]  # what the view says afterwards reaches nobody
    assert exchange.stuck == []


async def test_a_view_that_ends_while_one_looks_is_not_stuck():
    go_on = asyncio.Event()

    async def late(scope, receive, send):
        await receive()
        await go_on.wait()

    exchange = Exchange(late)
    await exchange.run()
    [running] = exchange.timeout._abandoned
    go_on.set()
    await asyncio.sleep(0)
    assert (running.done(), exchange.timeout._abandoned) == (True, {running})  # not told yet
    exchange.timeout._look_again(running)
    assert exchange.stuck == []


async def test_an_answer_that_takes_long_itself_replaces_nothing():
    go_on = asyncio.Event()

    async def late(scope, receive, send):
        await receive()
        await go_on.wait()

    async def slow_answer(scope):
        await asyncio.sleep(4 * LONG)
        return HttpResponse(b"late", status=503)

    exchange = Exchange(late)
    exchange.timeout._answer = slow_answer
    await exchange.run()
    assert (exchange.statuses, exchange.stuck) == ([503], [])
    assert len(exchange.timeout._abandoned) == 1
    go_on.set()


async def test_a_view_that_stays_stuck_replaces_the_process():
    called = asyncio.Event()

    async def stuck(scope, receive, send):
        await receive()
        await asyncio.Event().wait()

    exchange = Exchange(stuck)
    exchange.timeout._when_stuck = called.set
    await exchange.run()
    async with asyncio.timeout(30):
        await called.wait()


async def test_a_slow_upload_and_a_long_download_are_not_cut():
    async def patient(scope, receive, send):
        while (await receive())["more_body"]:
            await asyncio.sleep(2 * LONG)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(4 * LONG)
        await send({"type": "http.response.body", "body": b"x"})

    exchange = Exchange(patient, bodies=(b"a", b"b", b"c"))
    await exchange.run()
    assert (exchange.statuses, exchange.sent[-1]["body"]) == ([200], b"x")


async def test_zero_waits():
    async def slow(scope, receive, send):
        await receive()
        await asyncio.sleep(LONG)
        await reply(send)

    exchange = Exchange(slow, seconds=0)
    await exchange.run()
    assert exchange.statuses == [200]


async def test_an_error_of_the_view_passes_through():
    async def broken(scope, receive, send):
        await receive()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Exchange(broken).run()


async def test_a_django_view_in_a_thread_that_never_returns_is_answered_for(settings):
    settings.ROOT_URLCONF = "tests.api.endless"
    exchange = Exchange(ASGIHandler(), seconds=0.5)
    exchange.timeout._answer = timed_out
    scope = {**SCOPE, "path": "/api/v1/endless/", "query_string": b"", "headers": HOST}
    try:
        await exchange.timeout(scope, exchange.receive, exchange.send)
        assert exchange.statuses == [503]
        assert json.loads(exchange.sent[-1]["body"])["code"] == "request_timeout"
        assert len(exchange.timeout._abandoned) == 1
    finally:
        endless.let_go.set()
    while exchange.timeout._abandoned:
        await asyncio.sleep(0.01)
    assert exchange.statuses == [503]


async def test_the_answer_is_a_problem_for_programs_and_a_page_for_people():
    scope = {**SCOPE, "query_string": b"", "headers": [(b"accept-language", b"zh-hans")]}
    problem = await timed_out(scope)
    body = json.loads(problem.content)
    assert (problem.status_code, body["code"]) == (503, "request_timeout")
    assert body["request_id"] == problem["X-Request-Id"] != ""
    assert not body["detail"].isascii()
    page = await timed_out({**scope, "path": "/enhance/"})
    assert page.status_code == 503
    assert page["Content-Type"].startswith("text/html")
    assert page["Content-Security-Policy"].startswith("default-src 'self'")
