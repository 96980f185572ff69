"""Private serving: signature, expiry and owner; headers; ranges."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest
from django.core import signing
from django.test import AsyncRequestFactory
from django.utils import timezone
from PIL import Image

from project.images import serving, storage
from project.images.encode import encode
from project.images.intake import accept_upload
from project.images.marking import SourceType
from project.images.records import record_result
from project.images.renditions import Rendition
from project.images.signing import LINK_TTL, PAGE_TTL, media_url
from tests.factories import ImageFactory
from tests.images import samples

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def record(user):
    upload = samples.upload(samples.save(samples.gradient()), "照片 一.png")
    return accept_upload(owner=user, upload=upload)


@pytest.fixture
def reader(client, user):
    client.force_login(user)
    return client


def body_of(response) -> bytes:
    return response.getvalue() if response.streaming else response.content


def test_the_owner_gets_the_stored_bytes_with_private_headers(reader, record):
    response = reader.get(media_url(record))
    assert response.status_code == 200
    assert body_of(response) == storage.read(record.file)
    assert response["Content-Type"] == "image/png"
    assert response["Content-Length"] == str(record.size_bytes)
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, max-age=300"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Accept-Ranges"] == "bytes"
    assert {"Cookie", "Authorization"} <= {v.strip() for v in response["Vary"].split(",")}
    name = "%E7%85%A7%E7%89%87%20%E4%B8%80.png"
    assert response["Content-Disposition"] == f"inline; filename*=utf-8''{name}"


def test_a_download_is_an_attachment(reader, record):
    response = reader.get(media_url(record) + "?download=1")
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")


def test_a_stranger_an_operator_and_nobody_get_404(client, record, stranger, admin_user):
    url = media_url(record)
    answers = {client.get(url).status_code}
    for person in (stranger, admin_user):
        client.force_login(person)
        answers.add(client.get(url).status_code)
    assert answers == {404}


def test_a_tampered_link_is_a_404(reader, record):
    signed = media_url(record).rstrip("/").rsplit("/", 1)[1]
    changed = [
        signed[:-1] + ("A" if signed[-1] != "A" else "B"),
        ("A" if signed[0] != "A" else "B") + signed[1:],
        signing.dumps([record.pk.hex, record.owner_id, "original", 2**40], salt="another"),
        "x",
    ]
    assert {reader.get(f"/media/{link}/").status_code for link in changed} == {404}


@pytest.mark.parametrize("ttl", [LINK_TTL, PAGE_TTL])
def test_a_link_ends_with_its_time(reader, record, ttl):
    now = timezone.now()
    assert timedelta(minutes=5) == LINK_TTL
    assert timedelta(hours=1) == PAGE_TTL
    fresh = media_url(record, ttl=ttl, now=now - ttl + timedelta(seconds=60))
    stale = media_url(record, ttl=ttl, now=now - ttl - timedelta(seconds=1))
    assert reader.get(fresh).status_code == 200
    assert reader.get(stale).status_code == 404


def test_a_link_to_nothing_is_a_404(reader, user):
    gone = ImageFactory.build(pk=uuid4(), owner=user)
    lost = ImageFactory(owner=user)  # a row whose file is missing
    assert reader.get(media_url(gone)).status_code == 404
    assert reader.get(media_url(lost)).status_code == 404
    assert reader.get(media_url(lost, "thumbnail")).status_code == 404


def test_a_tiff_is_sent_as_one_and_displayed_as_webp(reader, user):
    made = encode(np.asarray(samples.gradient()), format="TIFF", source_type=SourceType.ENHANCED)
    storage.put("jobs/j/1/result.tif", made.content)
    record = record_result(
        owner=user, key="jobs/j/1/result.tif", content=made.content, original_name="a.heic"
    )
    sent = reader.get(media_url(record) + "?download=1")
    assert sent["Content-Type"] == "image/tiff"
    assert 'filename="a.tif"' in sent["Content-Disposition"]
    assert body_of(sent) == made.content
    shown = reader.get(media_url(record, "display"))
    assert shown["Content-Type"] == "image/webp"
    assert Image.open(io.BytesIO(body_of(shown))).size == (48, 32)


def test_a_link_for_one_rendition_opens_no_other(reader, record):
    content = [
        body_of(reader.get(media_url(record, rendition))) for rendition in ("original", "preview")
    ]
    assert Image.open(io.BytesIO(content[0])).format == "PNG"
    assert Image.open(io.BytesIO(content[1])).format == "WEBP"
    with pytest.raises(ValueError, match="poster"):
        media_url(record, "poster")


@pytest.mark.parametrize(
    ("header", "status", "first", "last"),
    [
        ("bytes=0-9", 206, 0, 9),
        ("bytes=10-", 206, 10, None),
        ("bytes=-7", 206, -7, None),
        ("bytes=0-999999", 206, 0, None),
        ("bytes=5-2", 200, 0, None),
        ("bytes=0-1,4-5", 200, 0, None),
        ("lines=0-1", 200, 0, None),
        ("bytes=-", 200, 0, None),
    ],
)
def test_a_range_is_answered_with_exactly_its_bytes(reader, record, header, status, first, last):
    whole = storage.read(record.file)
    response = reader.get(media_url(record), headers={"Range": header})
    wanted = whole[first : None if last is None else last + 1]
    assert response.status_code == status
    assert body_of(response) == wanted
    assert response["Content-Length"] == str(len(wanted))
    if status == 206:
        begin = first % len(whole)
        span = f"bytes {begin}-{begin + len(wanted) - 1}/{len(whole)}"
        assert response["Content-Range"] == span


def test_a_range_behind_the_end_is_refused(reader, record):
    response = reader.get(media_url(record), headers={"Range": "bytes=9999999-"})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{record.size_bytes}"


def test_a_known_etag_saves_the_body_and_guards_ranges(reader, record):
    etag = reader.get(media_url(record))["ETag"]
    again = reader.get(media_url(record), headers={"If-None-Match": f'W/"x", {etag}'})
    assert (again.status_code, again.content) == (304, b"")
    changed = {"Range": "bytes=0-3", "If-Range": '"other"'}
    assert reader.get(media_url(record), headers=changed).status_code == 200
    same = {"Range": "bytes=0-3", "If-Range": etag}
    assert reader.get(media_url(record), headers=same).status_code == 206
    assert reader.get(media_url(record, "preview"))["ETag"] != etag


def test_behind_a_proxy_the_body_is_left_to_it(reader, record, settings):
    settings.ACCEL_PREFIX = "/protected/"
    response = reader.get(media_url(record))
    assert response["X-Accel-Redirect"] == f"/protected/{record.file}"
    assert body_of(response) == b""
    assert response["Content-Type"] == "image/png"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_only_reading_is_possible(reader, record):
    for verb in (reader.post, reader.put, reader.delete, reader.patch):
        assert verb(media_url(record)).status_code == 405


async def test_under_asgi_the_body_comes_in_blocks(record_of_blocks, monkeypatch):
    record, whole = record_of_blocks
    monkeypatch.setattr(serving, "_BLOCK_BYTES", 100)
    request = AsyncRequestFactory().get("/", headers={"Range": "bytes=50-349"})
    response = await serving.sync_to_async(serving.serve_image)(
        request, record, Rendition.ORIGINAL, as_attachment=False
    )
    assert response.is_async
    blocks = [block async for block in response]
    assert [len(block) for block in blocks] == [100, 100, 100]
    assert b"".join(blocks) == whole[50:350]


@pytest.fixture
def record_of_blocks():
    record = ImageFactory.build(pk=uuid4(), file="uploads/blocks/original.png", owner_id=1)
    whole = bytes(range(256)) * 4
    storage.put(record.file, whole)
    return record, whole
