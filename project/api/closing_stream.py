"""A streamed answer that closes what it reads from as soon as its client is gone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from contextlib import aclosing

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse


class ClosingStream(StreamingHttpResponse):
    """Django drops the stream of a client that left and lets the garbage collector close it,
    which may take its time; here it is closed with the response."""

    def __init__(
        self,
        stream: AsyncGenerator[bytes, None],
        *,
        content_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(stream, content_type=content_type, headers=dict(headers or {}))
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(self._stream):
            async for part in super().__aiter__():
                yield part


def stream_blocks(
    request: HttpRequest, blocks: Generator[bytes], *, content_type: str
) -> StreamingHttpResponse:
    """Send what a blocking generator yields, block by block in a thread; it is closed at the end,
    at an error, and when the client leaves."""
    if not isinstance(request, ASGIRequest):
        return StreamingHttpResponse(blocks, content_type=content_type)
    # A synchronous iterator would be collected whole in memory under ASGI.
    return ClosingStream(_in_thread(blocks), content_type=content_type)


async def _in_thread(blocks: Generator[bytes]) -> AsyncGenerator[bytes, None]:
    def next_block() -> bytes | None:
        return next(blocks, None)

    try:
        while (block := await sync_to_async(next_block)()) is not None:
            yield block
    finally:
        await sync_to_async(blocks.close)()
