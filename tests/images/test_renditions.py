"""Small copies: made once, never larger, marked like their original, gone with it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from project.images import renditions, storage
from project.images.encode import encode
from project.images.intake import accept_upload
from project.images.marking import SourceType, read_marking
from project.images.records import delete_image, record_result
from project.images.renditions import Rendition, ensure_rendition
from tests.images import samples

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def accepted(owner, image: Image.Image):
    return accept_upload(owner=owner, upload=samples.upload(samples.save(image)))


@pytest.mark.parametrize(
    ("rendition", "size", "expected"),
    [
        ("thumbnail", (2000, 1000), (320, 160)),
        ("preview", (2000, 1000), (1280, 640)),
        ("preview", (500, 2560), (250, 1280)),
        ("thumbnail", (100, 50), (100, 50)),
        ("thumbnail", (5000, 1), (320, 1)),
    ],
)
def test_a_copy_fits_its_square_and_is_never_enlarged(user, rendition, size, expected):
    record = accepted(user, samples.gradient(*size))
    copy = Image.open(io.BytesIO(storage.read(ensure_rendition(record, Rendition(rendition)))))
    assert (copy.format, copy.size) == ("WEBP", expected)


def test_a_copy_looks_like_its_original(user):
    record = accepted(user, samples.gradient(640, 480))
    copy = Image.open(io.BytesIO(storage.read(ensure_rendition(record, Rendition.THUMBNAIL))))
    small = samples.gradient(640, 480).resize((320, 240), Image.Resampling.LANCZOS)
    difference = np.abs(np.asarray(copy, dtype=int) - np.asarray(small, dtype=int))
    assert difference.mean() < 3


def test_transparency_stays_transparent(user):
    image = samples.gradient().convert("LA")
    image.putalpha(0)
    record = accepted(user, image)
    copy = Image.open(io.BytesIO(storage.read(ensure_rendition(record, Rendition.THUMBNAIL))))
    assert np.asarray(copy)[..., 3].max() == 0


def test_a_copy_is_made_once(user, monkeypatch):
    record = accepted(user, samples.gradient())
    first = ensure_rendition(record, Rendition.PREVIEW)
    monkeypatch.setattr(renditions, "shrink", None)  # a second making would fail
    assert ensure_rendition(record, Rendition.PREVIEW) == first


def test_a_copy_of_a_result_is_marked_like_the_result(user, files):
    made = encode(np.asarray(samples.gradient()), source_type=SourceType.GENERATIVE_EDIT)
    storage.put("jobs/j/1/result.png", made.content)
    record = record_result(owner=user, key="jobs/j/1/result.png", content=made.content)
    copy = storage.read(ensure_rendition(record, Rendition.THUMBNAIL))
    assert read_marking(copy).source_type == SourceType.GENERATIVE_EDIT


def test_two_owners_of_one_picture_share_no_copy(
    user, stranger, files, django_capture_on_commit_callbacks
):
    mine, theirs = accepted(user, samples.gradient()), accepted(stranger, samples.gradient())
    assert mine.sha256 == theirs.sha256
    keys = {ensure_rendition(r, Rendition.THUMBNAIL) for r in (mine, theirs)}
    assert len(keys) == 2
    with django_capture_on_commit_callbacks(execute=True):
        delete_image(mine)
    assert files() == {theirs.file, ensure_rendition(theirs, Rendition.THUMBNAIL)}


def test_a_copy_outlives_one_of_two_equal_pictures_of_one_owner(
    user, files, django_capture_on_commit_callbacks
):
    first, second = accepted(user, samples.gradient()), accepted(user, samples.gradient())
    copy = ensure_rendition(first, Rendition.THUMBNAIL)
    with django_capture_on_commit_callbacks(execute=True):
        delete_image(first)
    assert files() == {second.file, copy}
    with django_capture_on_commit_callbacks(execute=True):
        delete_image(second)
    assert files() == set()
