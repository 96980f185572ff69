"""ASGI: an answer that may wait for its job, without a thread that waits.

A view that would rather answer with the result than with 202 names job and address of the result
in a header. The answer is then kept back here, on the event loop, until the job has ended; a
result is fetched in the name of the same client, with the same rights as any other request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from channels.db import database_sync_to_async
from django.http import HttpResponseBase

from project.api.body_limit import Application, Message, Receive, Scope, Send
from project.jobs.models import Job

# For this middleware alone: no client ever sees it, and none can set it on an answer.
HEADER = "X-Hold-For-Job"
_NAME = HEADER.lower().encode()
# Of the first request, not of the one for the result.
_OF_THE_BODY = frozenset({b"content-length", b"content-type", b"transfer-encoding"})
_CONDITIONAL = frozenset({b"if-none-match", b"if-modified-since", b"range", b"if-range"})
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.5

StateOf = Callable[[UUID], Awaitable[str | None]]
Sleep = Callable[[float], Awaitable[None]]


def hold_for(response: HttpResponseBase, *, job: UUID, path: str) -> None:
    """Ask for `response` to be replaced by that of `path` if `job` succeeds in time."""
    response[HEADER] = f"{job} {path}"


async def stored_state(job: UUID) -> str | None:
    """The state of the row; None when it is gone."""
    rows = Job.objects.filter(pk=job).values_list("state", flat=True)
    state: str | None = await database_sync_to_async(rows.first)()
    return state


class HeldAnswer:
    """Wrap the HTTP application. An answer with HEADER waits at most `seconds`; the answer of the
    result takes its place when there is one, else it is sent as it was."""

    def __init__(
        self,
        application: Application,
        *,
        seconds: float,
        state_of: StateOf = stored_state,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.application = application
        self.seconds = seconds
        self._state_of = state_of
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        kept: list[Message] = []
        wanted: list[tuple[UUID, str]] = []

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                message, asked = _without_header(message)
                wanted.extend(asked)
            if wanted:
                kept.append(message)
            else:
                await send(message)

        await self.application(scope, receive, watched)
        if not wanted:
            return
        job, path = wanted[0]
        leaving = asyncio.ensure_future(_disconnected(receive))
        waiting = asyncio.ensure_future(self._has_succeeded(job))
        try:
            await asyncio.wait({leaving, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                return  # the client is gone
            if waiting.result() and await self._send_result(scope, path, leaving, send):
                return
        finally:
            leaving.cancel()
            waiting.cancel()
        for message in kept:
            await send(message)

    async def _has_succeeded(self, job: UUID) -> bool:
        waited, pause = 0.0, FIRST_PAUSE_SECONDS
        while True:
            state = await self._state_of(job)
            if state not in (Job.State.QUEUED, Job.State.RUNNING):
                return state == Job.State.SUCCEEDED
            if waited >= self.seconds:
                return False
            await self._sleep(pause)
            waited += pause
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _send_result(
        self, scope: Scope, path: str, leaving: asyncio.Future[None], send: Send
    ) -> bool:
        """Whether the result was sent; any other answer than success is left aside."""
        body_was_read = False
        is_sending: list[bool] = []

        async def receive() -> Message:
            nonlocal body_was_read
            if body_was_read:
                await leaving
                return {"type": "http.disconnect"}
            body_was_read = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def if_good(message: Message) -> None:
            if message["type"] == "http.response.start":
                is_sending.append(message["status"] < 400)
            if is_sending[0]:
                await send(message)

        await self.application(_for_result(scope, path), receive, if_good)
        return is_sending == [True]


def _for_result(scope: Scope, path: str) -> Scope:
    dropped = _OF_THE_BODY | _CONDITIONAL
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in dropped]
    return {
        **scope,
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
    }


def _without_header(message: Message) -> tuple[Message, list[tuple[UUID, str]]]:
    asked, rest = [], []
    for name, value in message.get("headers", []):
        if name.lower() == _NAME:
            job, _, path = value.decode().partition(" ")
            asked.append((UUID(job), path))
        else:
            rest.append((name, value))
    return {**message, "headers": rest}, asked


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
