"""`/api/v1/images/`: own pictures only."""

from __future__ import annotations

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from project.images import in_use
from project.images.intake import accept_upload
from project.images.models import ImageRecord
from tests.factories import ImageFactory
from tests.images import samples

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def record(user):
    upload = samples.upload(samples.save(samples.gradient()), "照片.png")
    return accept_upload(owner=user, upload=upload)


def url(record) -> str:
    return reverse("image-detail", args=[record.pk])


def test_the_list_holds_exactly_the_own_pictures_newest_first(api, user, stranger):
    own = [ImageFactory(owner=user) for _ in range(3)]
    ImageFactory(owner=stranger)
    listed = [row["id"] for row in api.get(reverse("image-list")).json()["results"]]
    assert listed == [str(record.pk) for record in reversed(own)]


def test_pages_cover_the_list_without_gap_or_repeat(api, user):
    own = {str(ImageFactory(owner=user).pk) for _ in range(5)}
    seen, next_url = [], reverse("image-list") + "?page_size=2"
    while next_url:
        page = api.get(next_url).json()
        seen += [row["id"] for row in page["results"]]
        next_url = page["next"]
    assert len(seen) == 5
    assert set(seen) == own


def test_the_list_can_be_filtered_by_purpose(api, user):
    result = ImageFactory(owner=user, purpose=ImageRecord.Purpose.RESULT)
    ImageFactory(owner=user)
    rows = api.get(reverse("image-list") + "?purpose=result").json()["results"]
    assert [row["id"] for row in rows] == [str(result.pk)]


def test_queries_of_the_list_do_not_grow_with_its_rows(api, user, django_assert_num_queries):
    ImageFactory(owner=user)
    with django_assert_num_queries(1):
        api.get(reverse("image-list"))
    for _ in range(10):
        ImageFactory(owner=user)
    with django_assert_num_queries(1):
        assert len(api.get(reverse("image-list")).json()["results"]) == 11


def test_the_detail_describes_the_picture_and_links_to_its_files(api, user, record, client):
    row = api.get(url(record)).json()
    assert set(row) == {
        "id", "purpose", "format", "media_type", "width", "height", "bit_depth", "warnings",
        "size_bytes", "sha256", "original_name", "created_at", "expires_at", "urls",
    }  # fmt: skip
    assert (row["media_type"], row["width"], row["height"]) == ("image/png", 48, 32)
    assert (row["bit_depth"], row["warnings"]) == (8, [])
    assert row["original_name"] == "照片.png"
    assert set(row["urls"]) == {"original", "display", "preview", "thumbnail"}
    client.force_login(user)
    assert {client.get(link).status_code for link in row["urls"].values()} == {200}


@pytest.mark.parametrize("verb", ["get", "delete"])
def test_a_strangers_picture_is_a_404(api, stranger, verb):
    theirs = ImageFactory(owner=stranger)
    assert getattr(api, verb)(url(theirs)).status_code == 404
    assert ImageRecord.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize("verb", ["post", "put", "patch"])
def test_pictures_are_not_written_here(api, record, verb):
    assert getattr(api, verb)(url(record), {}).status_code == 405


def test_nobody_gets_401(record):
    assert APIClient().get(reverse("image-list")).status_code == 401
    assert APIClient().delete(url(record)).status_code == 401


def test_deleting_removes_picture_and_files(api, record, files, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(url(record)).status_code == 204
    assert files() == set()
    assert api.get(url(record)).status_code == 404


def test_a_picture_that_a_job_needs_is_kept(api, record, files, monkeypatch):
    monkeypatch.setattr(in_use, "_image_checks", [lambda needed: needed == record])
    response = api.delete(url(record))
    assert response.status_code == 409
    assert response.json()["code"] == "image_in_use"
    assert files() == {record.file}


class Token:
    """What ApiTokenAuthentication puts into `request.auth`."""

    def __init__(self, *scopes: str) -> None:
        self.scopes = list(scopes)


@pytest.mark.parametrize(
    ("scopes", "read", "delete"),
    [(("images:read",), 200, 403), (("images:write",), 403, 204), (("jobs:read",), 403, 403)],
)
def test_a_token_does_what_its_scopes_say(user, record, scopes, read, delete):
    client = APIClient()
    client.force_authenticate(user, Token(*scopes))
    assert client.get(url(record)).status_code == read
    assert client.delete(url(record)).status_code == delete


@pytest.mark.parametrize(("scope", "status"), [("images:read", 200), ("images:write", 404)])
def test_a_token_reads_media_only_with_its_scope(user, record, scope, status):
    from project.images.signing import media_url

    client = APIClient()
    client.force_authenticate(user, Token(scope))
    assert client.get(media_url(record)).status_code == status


def test_the_admin_shows_numbers_and_neither_name_nor_link(admin_client, record):
    for page in (
        reverse("admin:images_imagerecord_changelist"),
        reverse("admin:images_imagerecord_change", args=[record.pk]),
    ):
        text = admin_client.get(page).content.decode()
        assert str(record.pk) in text
        for secret in ("照片", record.file, "/media/", record.sha256):
            assert secret not in text


def test_the_admin_deletes_files_with_rows(
    admin_client, record, files, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(
            reverse("admin:images_imagerecord_changelist"),
            {"action": "delete_selected", "_selected_action": [str(record.pk)], "post": "yes"},
        )
    assert not ImageRecord.objects.exists()
    assert files() == set()
