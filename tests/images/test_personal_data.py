"""Export holds every picture; erasure leaves none."""

from __future__ import annotations

import pytest

from accounts.privacy import erase_user, registry
from project.images import storage
from project.images.intake import accept_upload
from project.images.models import ImageRecord
from project.images.personal_data import export_images
from project.images.renditions import Rendition, ensure_rendition
from tests.factories import ImageFactory
from tests.images import samples

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def record(user):
    upload = samples.upload(samples.save(samples.gradient()), "mine.png")
    return accept_upload(owner=user, upload=upload)


def test_the_room_takes_part_in_export_and_erasure():
    assert "images" in registry.exporters()
    assert "images" in {eraser.name for eraser in registry.erasers()}


def test_an_export_holds_every_own_picture_and_no_other(user, stranger, record):
    ImageFactory(owner=stranger)
    exported = dict(export_images(user))
    assert set(exported) == {"images/records.json", f"images/{record.pk}.png"}
    assert exported[f"images/{record.pk}.png"] == storage.read(record.file)
    (row,) = exported["images/records.json"]
    assert (row["id"], row["original_name"]) == (str(record.pk), "mine.png")


def test_an_export_survives_a_lost_file(user):
    lost = ImageFactory(owner=user)
    exported = dict(export_images(user))
    assert set(exported) == {"images/records.json"}
    assert exported["images/records.json"][0]["id"] == str(lost.pk)


def test_an_erased_user_leaves_no_picture_and_no_file(user, stranger, record, files):
    theirs = accept_upload(owner=stranger, upload=samples.upload(samples.save(samples.gradient())))
    for owned in (record, theirs):
        ensure_rendition(owned, Rendition.THUMBNAIL)
    erase_user(user)
    assert list(ImageRecord.objects.values_list("pk", flat=True)) == [theirs.pk]
    assert files() == {theirs.file, ensure_rendition(theirs, Rendition.THUMBNAIL)}
