"""Responses that carry a private file: streamed, handed to the proxy, or sent to the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files.base import File
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header, parse_etags

from project.images import storage
from project.images.byte_ranges import ByteRange, Unsatisfiable, parse_range
from project.images.formats import FORMATS
from project.images.models import ImageRecord
from project.images.names import download_name
from project.images.renditions import Rendition, ensure_rendition, is_own_file

MAX_AGE_SECONDS = 300
PRESIGNED_SECONDS = 300
_BLOCK_BYTES = 256 * 1024


def serve_image(
    request: HttpRequest,
    record: ImageRecord,
    rendition: Rendition,
    *,
    as_attachment: bool,
    name: str = "",
) -> HttpResponseBase:
    """The picture or a rendition with the headers of private media; `name` is another than that
    of the record, whose extension stays.

    The caller has checked the signature and the owner. Raises FileNotFoundError when the file
    is gone. Type and name come from our own record, never from the client.
    """
    key = ensure_rendition(record, rendition)
    format = record.format if is_own_file(record, rendition) else "WEBP"
    media_type = FORMATS[format].media_type
    shown = download_name(name or record.original_name, format=format, fallback=str(record.pk))
    disposition = content_disposition_header(as_attachment, shown) or "inline"
    presigned = storage.presigned_url(
        key, seconds=PRESIGNED_SECONDS, media_type=media_type, disposition=disposition
    )
    etag = f'"{record.sha256[:32]}-{rendition.value}"'
    response: HttpResponseBase
    if presigned is not None:
        response = HttpResponseRedirect(presigned)
    elif etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponse(status=304)
    elif settings.ACCEL_PREFIX:
        response = HttpResponse()
        response["X-Accel-Redirect"] = settings.ACCEL_PREFIX.rstrip("/") + "/" + key
    else:
        response = _local_file(request, key, etag)
    response["Content-Type"] = media_type
    response["Content-Disposition"] = disposition
    response["ETag"] = etag
    # A redirect must not outlive the address it points to.
    protect(response, may_be_kept=presigned is None)
    return response


def protect(response: HttpResponseBase, *, may_be_kept: bool) -> None:
    """The headers of a private picture, for whoever answers with one."""
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = (
        f"private, max-age={MAX_AGE_SECONDS}" if may_be_kept else "private, no-store"
    )
    patch_vary_headers(response, ("Cookie", "Authorization"))


def _local_file(request: HttpRequest, key: str, etag: str) -> HttpResponseBase:
    file = storage.open_file(key)
    size = file.size
    response: HttpResponseBase
    try:
        wanted = _wanted_range(request, size, etag)
    except Unsatisfiable:
        file.close()
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    span = wanted or ByteRange(first=0, last=size - 1)
    # A synchronous iterator would be collected whole in memory under ASGI.
    is_async = isinstance(request, ASGIRequest)
    content = _stream_async(file, span) if is_async else _stream(file, span)
    response = StreamingHttpResponse(content, status=206 if wanted else 200)
    response["Content-Length"] = str(span.length)
    response["Accept-Ranges"] = "bytes"
    if wanted:
        response["Content-Range"] = f"bytes {wanted.first}-{wanted.last}/{size}"
    return response


def _wanted_range(request: HttpRequest, size: int, etag: str) -> ByteRange | None:
    condition = request.headers.get("If-Range")
    if condition is not None and condition != etag:
        return None
    return parse_range(request.headers.get("Range"), size)


def _stream(file: File[Any], span: ByteRange) -> Generator[bytes]:
    with file:
        file.seek(span.first)
        left = span.length
        while left and (block := file.read(min(_BLOCK_BYTES, left))):
            left -= len(block)
            yield block


async def _stream_async(file: File[Any], span: ByteRange) -> AsyncIterator[bytes]:
    blocks = _stream(file, span)

    def next_block() -> bytes | None:
        return next(blocks, None)

    try:
        while (block := await sync_to_async(next_block)()) is not None:
            yield block
    finally:
        await sync_to_async(blocks.close)()
