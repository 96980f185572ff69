"""ASGI: a request that takes too long gets an answer instead of none.

daphne's own `--http-timeout` counts until the last byte was sent, so it would cut downloads and
event streams, and it answers with a page of its own. This clock runs from the last byte of the
body to the first of the response; how fast a client sends and reads is the server's affair
(project/web_server.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from django.http import HttpResponse

from project.api.body_limit import Application, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

Answer = Callable[[Scope], Awaitable[HttpResponse]]


class RequestTimeout:
    """Wrap the HTTP application; send `answer(scope)` when no response began within `seconds`.

    The work that was given up runs on until it notices that its client is gone: a thread cannot
    be ended from outside. What still runs as long again after that answer is stuck for good;
    then `when_stuck()` is called, once, which should replace this process.
    """

    def __init__(
        self,
        application: Application,
        *,
        seconds: float,
        answer: Answer,
        when_stuck: Callable[[], None],
    ) -> None:
        self.application = application
        self.seconds = seconds
        self._answer = answer
        self._when_stuck = when_stuck
        self._abandoned: set[asyncio.Future[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if not self.seconds:
            await self.application(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        has_begun: asyncio.Future[bool] = loop.create_future()
        clock: list[asyncio.TimerHandle] = []

        def settle(*, begun: bool) -> None:
            if not has_begun.done():
                has_begun.set_result(begun)

        async def counted_receive() -> Message:
            message = await receive()
            if not clock and not message.get("more_body"):
                clock.append(loop.call_later(self.seconds, lambda: settle(begun=False)))
            return message

        async def counted_send(message: Message) -> None:
            settle(begun=True)
            if has_begun.result():  # else the client has got the other answer
                await send(message)

        running = asyncio.ensure_future(self._run(scope, counted_receive, counted_send))
        try:
            either: set[asyncio.Future[Any]] = {running, has_begun}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not running.done() and not has_begun.result():
                self._abandon(running, scope)
                try:
                    await _send_response(await self._answer(scope), send)
                finally:
                    loop.call_later(self.seconds, self._look_again, running)
                return
            await running
        except asyncio.CancelledError:
            running.cancel()
            raise
        finally:
            for timer in clock:
                timer.cancel()

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.application(scope, receive, send)

    def _abandon(self, running: asyncio.Future[None], scope: Scope) -> None:
        logger.error("no answer within %g s: %s %s", self.seconds, scope["method"], scope["path"])
        self._abandoned.add(running)
        running.add_done_callback(self._ended)

    def _ended(self, running: asyncio.Future[None]) -> None:
        self._abandoned.discard(running)
        if not running.cancelled() and (error := running.exception()):
            logger.error("an abandoned request failed", exc_info=error)

    def _look_again(self, running: asyncio.Future[None]) -> None:
        # It may have ended in this very turn of the loop, with `_ended` still to come.
        if running in self._abandoned and not running.done():
            logger.critical("a request is stuck for good; this process makes way for another")
            self._abandoned.clear()
            self._when_stuck()


async def _send_response(response: HttpResponse, send: Send) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in response.items()]
    headers.append((b"content-length", str(len(response.content)).encode()))
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
