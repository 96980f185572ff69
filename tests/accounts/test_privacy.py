"""Take everything along; leave nothing behind."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from accounts.housekeeping import tidy_accounts
from accounts.models import ApiToken, BrowserSession, PrivacyReceipt, TokenFamily, User
from accounts.privacy import erase_user, export_user, registry
from accounts.services.families import issue_pair
from accounts.services.people import change_user
from accounts.services.tokens import create_token
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]

MARKER = "zanzibarmarker"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def rooms(monkeypatch):
    """A registry that tests may add to."""
    monkeypatch.setattr(registry, "_exporters", dict(registry._exporters))
    monkeypatch.setattr(registry, "_erasers", dict(registry._erasers))
    return registry


@pytest.fixture
def person(db, administrator):
    """Somebody who has left traces in every table of accounts, all with the marker."""
    user = UserFactory(username=MARKER, email=f"{MARKER}@example.org", role="operator")
    create_token(owner=user, name=f"{MARKER} laptop", scopes=["jobs:read"])
    issue_pair(user=user)
    browser = Client(headers={"User-Agent": f"{MARKER} browser"})
    browser.post("/accounts/sign-in/", {"username": MARKER, "password": PASSWORD})
    browser.get("/accounts/")
    export_user(user).close()
    for thing in (user, ApiToken.objects.get(owner=user)):
        LogEntry.objects.create(
            user=administrator,
            content_type=ContentType.objects.get_for_model(thing),
            object_id=str(thing.pk),
            object_repr=str(thing),
            action_flag=CHANGE,
            change_message=f"about {MARKER}",
        )
    LogEntry.objects.create(
        user=user, object_repr=f"by {MARKER}", action_flag=CHANGE, change_message=""
    )
    return user


def rows_with(marker: str) -> list[str]:
    """Every row of every table that shows the marker in any column."""
    return [
        f"{model._meta.label} {row}"
        for model in apps.get_models(include_auto_created=True)
        for row in model._base_manager.values()
        if marker in str(row).lower()
    ]


def files_with(marker: str, folder: str = "") -> list[str]:
    """Every stored file that shows the marker in its name or its bytes."""
    folders, names = (
        default_storage.listdir(folder) if default_storage.exists(folder or ".") else ([], [])
    )
    found = []
    for name in names:
        key = f"{folder}/{name}".lstrip("/")
        with default_storage.open(key) as file:
            if marker in key or marker.encode() in file.read():
                found.append(key)
    for inner in folders:
        found += files_with(marker, f"{folder}/{inner}".lstrip("/"))
    return found


def cached_with(marker: str) -> list[bytes]:
    """Every key of our prefix in Redis whose value shows the marker."""
    client = cache._cache.get_client()
    return [
        key
        for key in client.scan_iter(f"{cache.key_prefix}:*")
        if marker.encode() in (client.get(key) or b"")
    ]


def test_the_search_finds_the_marker_before_the_erasure(person):
    tables = {found.split()[0] for found in rows_with(MARKER)}
    assert tables >= {
        "accounts.User",
        "accounts.ApiToken",
        "accounts.BrowserSession",
        "admin.LogEntry",
    }
    default_storage.save("probe/x.bin", ContentFile(MARKER.encode()))
    assert files_with(MARKER) == ["probe/x.bin"]
    default_storage.delete("probe/x.bin")
    assert cached_with(MARKER) != []


def test_after_erase_no_marker_is_left_in_database_or_storage(
    person, rooms, django_capture_on_commit_callbacks
):
    key = default_storage.save("uploads/test/marked.bin", ContentFile(MARKER.encode()))
    rooms.register_eraser("test", lambda user: {"pictures": 1}, files=lambda user: [key])
    with django_capture_on_commit_callbacks(execute=True):
        receipt = erase_user(person, now=NOON)
    assert rows_with(MARKER) == []
    assert files_with(MARKER) == []
    assert cached_with(MARKER) == []
    receipt.refresh_from_db()
    assert (receipt.owner, receipt.finished_at, receipt.pending_files) == (None, NOON, [])
    counted = {what: number for what, number in receipt.counts.items() if number}
    assert counted == {
        "accounts": 1,
        "files": 1,
        "pictures": 1,
        "sessions": 1,
        "token_families": 1,
        "tokens": 1,
    }


def test_erasing_one_leaves_everyone_else_whole(person, user):
    create_token(owner=user, name="kept", scopes=["jobs:read"])
    issue_pair(user=user)
    erase_user(person)
    assert user.tokens.count() == 1
    assert user.token_families.count() == 1
    assert User.objects.filter(pk=user.pk).exists()


def test_a_failing_room_leaves_everything_as_it_was(person, rooms):
    key = default_storage.save("uploads/test/kept.bin", ContentFile(b"x"))

    def fail(user: User) -> dict[str, int]:
        raise RuntimeError("this room is broken")

    rooms.register_eraser("test", fail, files=lambda user: [key])
    rooms._erasers["test"], last = rooms._erasers.pop("account"), rooms._erasers["test"]
    rooms._erasers["last"] = last
    before = len(rows_with(MARKER))
    with pytest.raises(RuntimeError):
        erase_user(person)
    assert len(rows_with(MARKER)) == before
    assert default_storage.exists(key)
    assert not PrivacyReceipt.objects.filter(kind="erasure").exists()
    default_storage.delete(key)


def test_files_that_could_not_be_deleted_are_deleted_later(person, rooms, monkeypatch):
    key = default_storage.save("uploads/test/late.bin", ContentFile(b"x"))
    rooms.register_eraser("test", lambda user: {}, files=lambda user: [key])

    def refuse(name: str) -> None:
        raise OSError("read-only file system")

    with monkeypatch.context() as broken:
        broken.setattr(default_storage, "delete", refuse)
        receipt = erase_user(person)
    assert receipt.finished_at is None
    assert not User.objects.filter(username=MARKER).exists()
    assert default_storage.exists(key)
    assert tidy_accounts()["erasures"] == 1
    assert not default_storage.exists(key)
    receipt.refresh_from_db()
    assert receipt.finished_at is not None and receipt.pending_files == []


def test_rooms_are_erased_last_registered_first(person, rooms):
    order: list[str] = []
    for name in ("images", "jobs", "feature"):
        rooms.register_eraser(f"test {name}", lambda user, name=name: order.append(name) or {})
    erase_user(person)
    assert order == ["feature", "jobs", "images"]


def unpack(archive) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as source:
        assert source.testzip() is None
        return {name: source.read(name) for name in source.namelist()}


def test_export_contains_every_owned_row(person):
    files = unpack(export_user(person))
    text = b"".join(files.values()).decode()
    for model in apps.get_app_config("accounts").get_models():
        for field in model._meta.get_fields():
            if field.related_model is User and field.concrete and not field.many_to_many:
                for row in model._base_manager.filter(**{field.name: person}):
                    shown = row.handle if isinstance(row, BrowserSession) else row.pk
                    assert f'"{shown}"' in text or f'"id": {shown}' in text, row
    profile = json.loads(files["account/profile.json"])
    assert (profile["username"], profile["roles"]) == (MARKER, ["operator"])


def test_an_export_holds_no_secret(person):
    text = b"".join(unpack(export_user(person)).values()).decode()
    secrets = [
        person.password,
        ApiToken.objects.get(owner=person).digest,
        TokenFamily.objects.get(user=person).current_jti,
        *BrowserSession.objects.filter(user=person).values_list("session_key", flat=True),
    ]
    assert [secret for secret in secrets if secret in text] == []


def test_an_export_shows_nothing_of_others(person, user):
    create_token(owner=user, name="of somebody else", scopes=["jobs:read"])
    text = b"".join(unpack(export_user(person)).values()).decode()
    assert "of somebody else" not in text and user.email not in text


def test_the_manifest_lists_every_file_with_its_sha256(person, rooms):
    rooms.register_exporter(
        "test", lambda user: [("pictures/1.png", b"\x89PNG"), ("a.json", {"b": 1})]
    )
    files = unpack(export_user(person, now=NOON))
    manifest = json.loads(files.pop("manifest.json"))
    assert {entry["path"]: entry["sha256"] for entry in manifest["files"]} == {
        path: sha256(data).hexdigest() for path, data in files.items()
    }
    assert {entry["path"]: entry["bytes"] for entry in manifest["files"]} == {
        path: len(data) for path, data in files.items()
    }
    receipt = PrivacyReceipt.objects.get(pk=manifest["receipt"])
    assert (receipt.owner, receipt.kind, receipt.counts["test"]) == (person, "export", 2)


@pytest.mark.parametrize("path", ["/etc/passwd", "../up", "a/../../b", "manifest.json", "a\\b"])
def test_an_exporter_cannot_write_outside_the_archive(person, rooms, path):
    rooms.register_exporter("test", lambda user: [(path, b"x")])
    with pytest.raises(ValueError, match="exporter"):
        export_user(person)


def test_the_api_streams_the_archive(person, bearer):
    answer = bearer(person).post("/api/v1/privacy/export/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    assert "attachment" in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "no-store"
    files = unpack(BytesIO(b"".join(answer.streaming_content)))
    assert "manifest.json" in files


def test_erasing_through_the_api_needs_the_password(person, bearer):
    client = bearer(person)
    wrong = client.post("/api/v1/privacy/erase/", {"password": "wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "password_wrong")
    assert client.post("/api/v1/privacy/erase/", {}).status_code == 400
    assert User.objects.filter(pk=person.pk).exists()
    answer = client.post("/api/v1/privacy/erase/", {"password": PASSWORD})
    assert answer.status_code == 200
    assert set(answer.json()) == {"id", "kind", "counts", "created_at", "finished_at"}
    assert answer.json()["id"] == str(PrivacyReceipt.objects.get(kind="erasure").pk)
    assert not User.objects.filter(username=MARKER).exists()
    assert client.get("/api/v1/users/info/").status_code == 401


def test_wrong_passwords_at_erasing_count_towards_the_lock_out(person, bearer, settings):
    settings.AXES_FAILURE_LIMIT = 2
    client = bearer(person)
    statuses = [
        client.post("/api/v1/privacy/erase/", {"password": "wrong"}).status_code for _ in range(2)
    ]
    assert statuses == [403, 429]
    assert client.post("/api/v1/privacy/erase/", {"password": PASSWORD}).status_code == 429
    assert User.objects.filter(pk=person.pk).exists()


def test_an_inactive_person_is_erased_by_the_service_all_the_same(person):
    change_user(user=person, is_active=False)
    erase_user(person)
    assert not User.objects.filter(username=MARKER).exists()
