"""ASGI: an answer that may wait for its job, without a thread that waits.

A view that would rather answer with the result than with 202 names job and address of the result
in a header. The answer is then kept back here, on the event loop, until the job has ended; a
result is fetched in the name of the same client, with the same rights as any other request. A
result may name a job of its own: it is then the answer if that one takes too long. Of a job that
ended without success a view may want its address to say so, in place of an answer that waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from uuid import UUID

from channels.db import database_sync_to_async
from django.http import HttpResponseBase

from project.api.body_limit import Application, Message, Receive, Scope, Send
from project.jobs.models import Job

# For this middleware alone: no client ever sees it, and none can set it on an answer.
HEADER = "X-Hold-For-Job"
_NAME = HEADER.lower().encode()
ANY_END = "any-end"
# Of the first request, not of the one for the result.
_OF_THE_BODY = frozenset({b"content-length", b"content-type", b"transfer-encoding"})
_CONDITIONAL = frozenset({b"if-none-match", b"if-modified-since", b"range", b"if-range"})
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.5

StateOf = Callable[[UUID], Awaitable[str | None]]
Sleep = Callable[[float], Awaitable[None]]


def hold_for(
    response: HttpResponseBase, *, job: UUID, path: str, tells_failure: bool = False
) -> None:
    """Ask for `response` to be replaced by that of `path` if `job` succeeds in time.

    With `tells_failure` also if it fails, is cancelled or is gone: whatever `path` then answers
    is the answer.
    """
    response[HEADER] = f"{job} {path}{f' {ANY_END}' if tells_failure else ''}"


async def stored_state(job: UUID) -> str | None:
    """The state of the row; None when it is gone."""
    rows = Job.objects.filter(pk=job).values_list("state", flat=True)
    state: str | None = await database_sync_to_async(rows.first)()
    return state


class HeldAnswer:
    """Wrap the HTTP application. An answer with HEADER waits at most `seconds`; the answer of the
    result takes its place when there is one, else it is sent as it was.

    `seconds` is for all jobs of one request together."""

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
        answer = await self._ask(scope, receive, send)
        if answer is None:
            return
        leaving = asyncio.ensure_future(_disconnected(receive))
        left = self.seconds
        try:
            while answer is not None and answer.wanted is not None:
                wanted = answer.wanted
                waiting = asyncio.ensure_future(self._end_of(wanted.job, left))
                try:
                    await asyncio.wait({leaving, waiting}, return_when=asyncio.FIRST_COMPLETED)
                    if not waiting.done():
                        return  # the client is gone
                    end, waited = waiting.result()
                finally:
                    waiting.cancel()
                left -= waited
                if end is _End.NOT_YET or (end is _End.FAILURE and not wanted.tells_failure):
                    break
                receive_none = _empty_body(leaving)
                better = await self._ask(
                    _for_result(scope, wanted.path),
                    receive_none,
                    send,
                    only_result=end is _End.SUCCESS,
                )
                if better is None:
                    return  # it was sent
                if better.wanted is None:
                    break  # no result: what was held is the answer
                answer = better
        finally:
            leaving.cancel()
        for message in answer.kept:
            await send(message)

    async def _ask(
        self, scope: Scope, receive: Receive, send: Send, *, only_result: bool = False
    ) -> _Held | None:
        """None when the answer was sent; else what was kept back, and for which job.

        With `only_result` an answer that is no result is kept back for no job.
        """
        held = _Held()

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                message, held.wanted = _without_header(message)
                held.is_kept = held.wanted is not None or (
                    only_result and not _is_result(message["status"])
                )
            if held.is_kept:
                held.kept.append(message)
            else:
                await send(message)

        await self.application(scope, receive, watched)
        return held if held.is_kept else None

    async def _end_of(self, job: UUID, seconds: float) -> tuple[_End, float]:
        """How it ended within `seconds`, and how long that took."""
        waited, pause = 0.0, FIRST_PAUSE_SECONDS
        while True:
            state = await self._state_of(job)
            if state not in (Job.State.QUEUED, Job.State.RUNNING):
                return _End.SUCCESS if state == Job.State.SUCCEEDED else _End.FAILURE, waited
            if waited >= seconds:
                return _End.NOT_YET, waited
            await self._sleep(pause)
            waited += pause
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


class _End(Enum):
    """What became of a job while somebody waited."""

    SUCCESS = "success"
    FAILURE = "failure"
    NOT_YET = "not yet"


@dataclass(frozen=True)
class _Wanted:
    """The job that an answer waits for, and where its result is."""

    job: UUID
    path: str
    tells_failure: bool


@dataclass
class _Held:
    """An answer that is kept back until its job has ended."""

    kept: list[Message] = field(default_factory=list)
    wanted: _Wanted | None = None
    is_kept: bool = False


def _is_result(status: int) -> bool:
    """A refusal of what was sent (422) is the result of looking at it."""
    return status < 400 or status == HTTPStatus.UNPROCESSABLE_ENTITY


def _empty_body(leaving: asyncio.Future[None]) -> Receive:
    """What the request for the result has to read: nothing, then the client's leaving."""
    was_read = False

    async def receive() -> Message:
        nonlocal was_read
        if was_read:
            await asyncio.shield(leaving)  # the handler gives up listening, we do not
            return {"type": "http.disconnect"}
        was_read = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


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


def _without_header(message: Message) -> tuple[Message, _Wanted | None]:
    asked: _Wanted | None = None
    rest = []
    for name, value in message.get("headers", []):
        if name.lower() == _NAME:
            job, path, *more = value.decode().split(" ")
            asked = _Wanted(UUID(job), path, tells_failure=ANY_END in more)
        else:
            rest.append((name, value))
    return {**message, "headers": rest}, asked


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
