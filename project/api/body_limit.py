"""ASGI: refuse a body that is too long before Django stores it.

Django's ASGI handler spools a whole body to a temporary file before any view runs, so a cap
inside a view comes too late. (daphne buffers on its side as well: cap at the proxy too.)
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class _TooLong(Exception):
    """The body passed the limit while it was being read."""


class BodyLimit:
    """Wrap the HTTP application; answers 413 `too_large` as soon as the limit is passed."""

    def __init__(self, application: Application, *, max_bytes: int) -> None:
        self.application = application
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        announced = dict(scope.get("headers", [])).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self.max_bytes:
            await self._refuse(send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.max_bytes:
                raise _TooLong
            return message

        try:
            await self.application(scope, counted, send)
        except _TooLong:
            await self._refuse(send)

    async def _refuse(self, send: Send) -> None:
        body = json.dumps(
            {
                "type": "/docs/errors#too_large",
                "title": "Too large",
                "status": 413,
                "code": "too_large",
                "detail": f"The body may hold at most {self.max_bytes} bytes.",
                "fields": {},
                "limit_bytes": self.max_bytes,
                "request_id": "",
            }
        ).encode()
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body})
