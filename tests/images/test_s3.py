"""The same store on S3, against an S3 API server over HTTP."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from django.utils import timezone
from moto.server import ThreadedMotoServer

from project.images import storage
from project.images.intake import accept_upload
from project.images.records import delete_image
from project.images.signing import media_url
from project.images.sweep import sweep_orphans
from project.settings import env
from project.settings.stores import storage_config, storage_origins
from tests.images import samples

pytestmark = [pytest.mark.django_db, pytest.mark.services]

BUCKET = "omnilens-private"


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client_s3(endpoint):
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="eu-central-1",
        aws_access_key_id="access", aws_secret_access_key="secret",
    )  # fmt: skip
    client.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    yield client
    for item in client.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        client.delete_object(Bucket=BUCKET, Key=item["Key"])
    client.delete_bucket(Bucket=BUCKET)


@pytest.fixture(autouse=True)
def on_s3(settings, monkeypatch, endpoint, client_s3, tmp_path):
    """The store as an operator sets it: by environment variables alone."""
    for name, value in {
        "BUCKET": BUCKET, "ENDPOINT": endpoint, "REGION": "eu-central-1",
        "ACCESS_KEY": "access", "SECRET_KEY": "secret",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"OMNILENS_S3_{name}", value)
    settings.STORAGES = storage_config(env, tmp_path)


@pytest.fixture
def record(user):
    upload = samples.upload(samples.save(samples.gradient()), "照片.png")
    return accept_upload(owner=user, upload=upload)


def keys(client_s3) -> set[str]:
    return {item["Key"] for item in client_s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())}


def get(url: str, **headers: str):
    request = urllib.request.Request(url, headers=headers)  # noqa: S310  (our own server)
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return answer.status, answer.headers, answer.read()


def test_an_upload_lies_in_the_bucket_and_nowhere_else(record, client_s3, files):
    assert keys(client_s3) == {record.file}
    assert files() == set()
    stored = client_s3.get_object(Bucket=BUCKET, Key=record.file)["Body"].read()
    assert stored == storage.read(record.file)
    assert storage.size(record.file) == record.size_bytes


def test_the_owner_is_sent_to_a_short_lived_address(client, user, record):
    client.force_login(user)
    response = client.get(media_url(record))
    assert response.status_code == 302
    assert response["Cache-Control"] == "private, no-store"
    query = parse_qs(urlsplit(response["Location"]).query)
    assert query["X-Amz-Expires"] == ["300"]
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    status, headers, body = get(response["Location"])
    assert (status, body) == (200, storage.read(record.file))
    assert headers["Content-Type"] == "image/png"
    assert headers["Content-Disposition"] == "inline; filename*=utf-8''%E7%85%A7%E7%89%87.png"


def test_a_range_of_a_presigned_file_is_served(client, user, record):
    client.force_login(user)
    location = client.get(media_url(record))["Location"]
    status, headers, body = get(location, Range="bytes=10-19")
    assert status == 206
    assert body == storage.read(record.file)[10:20]
    assert headers["Content-Range"] == f"bytes 10-19/{record.size_bytes}"


def test_a_stranger_gets_no_address(client, stranger, record):
    client.force_login(stranger)
    assert client.get(media_url(record)).status_code == 404


def test_the_bucket_gives_nothing_without_a_signature(endpoint, record):
    with pytest.raises(urllib.error.HTTPError) as refusal:
        get(f"{endpoint}/{BUCKET}/{record.file}")
    assert refusal.value.code == 403


def test_a_copy_is_made_and_served_from_the_bucket(client, user, record, client_s3):
    client.force_login(user)
    location = client.get(media_url(record, "thumbnail"))["Location"]
    _, headers, body = get(location)
    assert headers["Content-Type"] == "image/webp"
    assert body[8:12] == b"WEBP"
    assert keys(client_s3) == {record.file, f"renditions/{user.pk}/{record.sha256}/thumbnail.webp"}


def test_deleting_empties_the_bucket(record, client_s3, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        delete_image(record)
    assert keys(client_s3) == set()
    assert not storage.exists(record.file)
    with pytest.raises(FileNotFoundError):
        storage.read(record.file)


def test_a_key_is_written_once_in_the_bucket(client_s3):
    storage.put("jobs/a/1/result.png", b"first")
    with pytest.raises(storage.KeyTaken):
        storage.put("jobs/a/1/result.png", b"second")
    assert keys(client_s3) == {"jobs/a/1/result.png"}
    assert storage.read("jobs/a/1/result.png") == b"first"


def test_orphans_are_swept_from_the_bucket_by_their_age(record, client_s3):
    storage.put("uploads/0123/original.png", b"x")
    assert sweep_orphans() == 0
    assert sweep_orphans(now=timezone.now() + timedelta(minutes=61)) == 1
    assert keys(client_s3) == {record.file}


def test_pages_may_load_pictures_from_the_bucket_only(endpoint, monkeypatch):
    assert storage_origins(env) == [endpoint]
    monkeypatch.setenv("OMNILENS_S3_ENDPOINT", "")
    assert storage_origins(env) == [
        f"https://{BUCKET}.s3.amazonaws.com", f"https://{BUCKET}.s3.eu-central-1.amazonaws.com",
    ]  # fmt: skip
    monkeypatch.setenv("OMNILENS_S3_BUCKET", "")
    assert storage_origins(env) == []
