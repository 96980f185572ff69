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


def stored_result(owner, array, key, **options):
    made = encode(array, source_type=SourceType.GENERATIVE_EDIT, **options)
    storage.put(key, made.content)
    return record_result(owner=owner, key=key, content=made.content)


def copy_of(record, rendition) -> Image.Image:
    return Image.open(io.BytesIO(storage.read(ensure_rendition(record, rendition))))


GRADIENT = np.asarray(samples.gradient(400, 300))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_what_a_browser_shows_is_displayed_as_it_is(user, format, files):
    record = stored_result(user, GRADIENT, "jobs/j/2/result.bin", format=format)
    assert ensure_rendition(record, Rendition.DISPLAY) == record.file
    assert files() == {record.file}


@pytest.mark.parametrize(("format", "depth"), [("PNG", 16), ("TIFF", 8), ("TIFF", 16)])
def test_what_no_browser_shows_is_displayed_in_full_size(user, format, depth):
    array = GRADIENT if depth == 8 else GRADIENT.astype(np.uint16) * 257
    record = stored_result(user, array, "jobs/j/3/result.bin", format=format)
    assert (record.format, record.bit_depth) == (format, depth)
    for rendition, size in (
        (Rendition.DISPLAY, (400, 300)),
        (Rendition.PREVIEW, (400, 300)),
        (Rendition.THUMBNAIL, (320, 240)),
    ):
        copy = copy_of(record, rendition)
        assert (copy.format, copy.size) == ("WEBP", size)
        expected = np.asarray(samples.gradient(400, 300).resize(size), dtype=int)
        assert np.abs(np.asarray(copy, dtype=int) - expected).mean() < 3
    marked = storage.read(ensure_rendition(record, Rendition.DISPLAY))
    assert read_marking(marked).source_type == SourceType.GENERATIVE_EDIT


@pytest.mark.parametrize("with_alpha", [False, True])
@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_a_deep_grey_result_is_displayed_in_grey(user, format, with_alpha):
    grey = np.dstack([GRADIENT[..., 0].astype(np.uint16) * 257] * 3)
    alpha = GRADIENT[..., 1].astype(np.uint16) * 257 if with_alpha else None
    record = stored_result(
        user, grey, "jobs/j/4/result.bin", format=format, is_grey=True, alpha=alpha
    )
    shown = np.asarray(copy_of(record, Rendition.DISPLAY).convert("RGBA"), dtype=int)
    opaque = shown[..., 3] > 100
    assert np.abs(shown[..., :3] - grey // 257)[opaque].mean() < 3
    if with_alpha:
        assert np.abs(shown[..., 3] - alpha // 257).max() <= 2


@pytest.mark.parametrize("rendition", [Rendition.PREVIEW, Rendition.THUMBNAIL])
@pytest.mark.parametrize("depth", [8, 16])
def test_a_copy_of_a_wide_gamut_picture_shows_its_true_colours(user, rendition, depth):
    """Full red in this profile is what sRGB calls blue; a copy carries no profile."""
    red = np.zeros((40, 40, 3), np.uint8 if depth == 8 else np.uint16)
    red[..., 0] = 2**depth - 1
    record = stored_result(
        user, red, "jobs/j/5/result.bin", format="TIFF", icc=samples.wide_gamut_profile()
    )
    shown = copy_of(record, rendition).convert("RGB").getpixel((20, 20))
    assert shown[2] >= 240
    assert max(shown[:2]) <= 20


def test_a_picture_longer_than_a_webp_can_be_is_displayed_smaller(user):
    long = np.zeros((4, 20_000, 3), np.uint8)
    record = stored_result(user, long, "jobs/j/6/result.bin", format="TIFF")
    assert copy_of(record, Rendition.DISPLAY).size[0] == 16_383


def test_deleting_a_picture_deletes_what_was_displayed(
    user, files, django_capture_on_commit_callbacks
):
    record = stored_result(user, GRADIENT, "jobs/j/7/result.bin", format="TIFF")
    ensure_rendition(record, Rendition.DISPLAY)
    assert len(files()) == 2
    with django_capture_on_commit_callbacks(execute=True):
        delete_image(record)
    assert files() == set()
