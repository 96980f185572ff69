"""Deletion, expiry and the sweeper."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from project.images import in_use, storage
from project.images.encode import encode
from project.images.errors import ImageInUse
from project.images.intake import accept_upload
from project.images.marking import SourceType
from project.images.models import ImageRecord
from project.images.records import delete_image, record_result
from project.images.renditions import Rendition, ensure_rendition
from project.images.sweep import expire_images, sweep_orphans
from tests.images import samples

pytestmark = [pytest.mark.django_db, pytest.mark.services]

RESULT = encode(np.asarray(samples.gradient()), source_type=SourceType.ENHANCED).content


@pytest.fixture
def record(user):
    return accept_upload(owner=user, upload=samples.upload(samples.save(samples.gradient())))


@pytest.fixture
def busy(monkeypatch):
    """Pictures that a job needs."""
    needed: set[object] = set()
    monkeypatch.setattr(in_use, "_image_checks", [lambda record: record.pk in needed])
    return needed


def age(key: str, by: timedelta) -> None:
    moment = (timezone.now() - by).timestamp()
    os.utime(Path(default_storage.path(key)), (moment, moment))


def test_deleting_removes_row_then_file_and_copies(
    record, files, django_capture_on_commit_callbacks
):
    ensure_rendition(record, Rendition.THUMBNAIL)
    with django_capture_on_commit_callbacks() as callbacks:
        delete_image(record)
    assert not ImageRecord.objects.exists()
    assert len(files()) == 2
    for callback in callbacks:
        callback()
    assert files() == set()


def test_a_deletion_that_is_rolled_back_keeps_row_and_file(
    record, files, django_capture_on_commit_callbacks
):
    class Undo(Exception):
        pass

    with (
        django_capture_on_commit_callbacks() as callbacks,
        pytest.raises(Undo),
        transaction.atomic(),
    ):
        delete_image(record)
        raise Undo
    assert callbacks == []
    assert ImageRecord.objects.count() == 1
    assert files() == {record.file}


def test_a_picture_in_use_is_not_deleted(record, files, busy):
    busy.add(record.pk)
    with pytest.raises(ImageInUse) as refusal:
        delete_image(record)
    assert (refusal.value.code, refusal.value.status) == ("image_in_use", 409)
    assert ImageRecord.objects.filter(file__in=files()).count() == 1


def test_expiry_deletes_what_is_due_and_free(user, files, busy, django_capture_on_commit_callbacks):
    now = timezone.now()

    def accepted(expires_at):
        upload = samples.upload(samples.save(samples.gradient()))
        return accept_upload(owner=user, upload=upload, expires_at=expires_at)

    past, needed = accepted(now - timedelta(seconds=1)), accepted(now - timedelta(days=1))
    future = accepted(now + timedelta(seconds=1))
    busy.add(needed.pk)
    with django_capture_on_commit_callbacks(execute=True):
        assert expire_images(now=now) == 1
    assert files() == {needed.file, future.file}
    assert not ImageRecord.objects.filter(pk=past.pk).exists()


def test_retention_of_zero_keeps_pictures(user, settings):
    settings.RESULT_RETENTION = timedelta(0)
    upload = samples.upload(samples.save(samples.gradient()))
    assert accept_upload(owner=user, upload=upload).expires_at is None


def test_only_old_files_without_owner_are_swept(record, files, user):
    storage.put("jobs/j/1/result.png", RESULT)
    result = record_result(owner=user, key="jobs/j/1/result.png", content=RESULT)
    copy = ensure_rendition(record, Rendition.THUMBNAIL)
    lost = {
        "uploads/0123/original.png", "jobs/dead/1/result.png",
        f"renditions/{user.pk}/{'f' * 64}/thumbnail.webp",
    }  # fmt: skip
    young = "uploads/4567/original.png"
    for key in lost | {young}:
        storage.put(key, b"x")
    for key in files() - {young}:
        age(key, timedelta(minutes=61))
    age(young, timedelta(minutes=59))
    assert sweep_orphans() == 3
    assert files() == {record.file, result.file, copy, young}
    assert sweep_orphans(now=timezone.now() + timedelta(minutes=2)) == 1
    assert files() == {record.file, result.file, copy}


def test_files_that_another_room_claims_are_left(files, monkeypatch):
    storage.put("jobs/running/1/part.png", b"x")
    age("jobs/running/1/part.png", timedelta(days=1))
    monkeypatch.setattr(in_use, "_file_checks", [*in_use._file_checks, set])
    assert sweep_orphans() == 0
    assert files() == {"jobs/running/1/part.png"}


def test_an_empty_store_is_swept_without_error(files):
    assert sweep_orphans() == 0


def test_a_result_row_describes_the_file_of_the_worker(user):
    storage.put("jobs/j/2/result.png", RESULT)
    record = record_result(
        owner=user, key="jobs/j/2/result.png", content=RESULT, original_name="../photo_4x.png"
    )
    assert (record.width, record.height, record.format) == (48, 32, "PNG")
    assert record.size_bytes == len(RESULT)
    assert record.original_name == "photo_4x.png"
    assert record.purpose == ImageRecord.Purpose.RESULT


def test_a_result_row_touches_no_storage(user, monkeypatch, files):
    monkeypatch.setattr(storage, "default_storage", None)
    record_result(owner=user, key="jobs/j/3/result.png", content=RESULT)
    assert ImageRecord.objects.count() == 1


def test_a_result_that_is_no_picture_gets_no_row(user):
    with pytest.raises(ValueError, match="PNG, JPEG, WEBP or TIFF"):
        record_result(owner=user, key="jobs/j/4/result.gif", content=b"GIF89a")
    assert not ImageRecord.objects.exists()


def test_retention_runs_by_itself():
    from project.periodic import registered

    functions = {work.name: work.function for work in registered()}
    assert functions["images.expire"] is expire_images
    assert functions["images.sweep_orphans"] is sweep_orphans
