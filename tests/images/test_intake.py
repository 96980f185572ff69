"""What an accepted upload becomes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from PIL import Image

from project.images import storage
from project.images.decode import decode
from project.images.intake import Metadata, Policy, accept_upload
from project.images.models import ImageRecord
from tests.images import samples

pytestmark = [pytest.mark.django_db, pytest.mark.services]

EVERYTHING = frozenset({Metadata.ICC, Metadata.EXIF, Metadata.GPS})
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def policy(**changes) -> Policy:
    return Policy(extensions=("png", "jpg", "jpeg", "webp"), max_bytes=10**7, **changes)


def accept(user, content, name="photo.png", **options) -> ImageRecord:
    return accept_upload(owner=user, upload=samples.upload(content, name), **options)


def stored(record: ImageRecord) -> Image.Image:
    with storage.open_file(record.file) as file:
        image = Image.open(file)
        image.load()
    return image


@pytest.mark.parametrize(("sent", "kept"), [("PNG", "PNG"), ("JPEG", "JPEG"), ("WEBP", "PNG")])
def test_the_record_describes_exactly_the_stored_file(user, files, sent, kept):
    content = samples.save(samples.gradient(), sent)
    record = accept(user, content, f"photo.{samples.EXTENSIONS[sent]}", now=NOW)
    body = storage.read(record.file)
    assert files() == {record.file}
    assert re.fullmatch(r"uploads/[0-9a-f]{32}/original\.(png|jpg)", record.file)
    assert record.file.endswith(samples.EXTENSIONS[kept])
    assert stored(record).format == record.format == kept
    assert (record.width, record.height, record.size_bytes) == (48, 32, len(body))
    assert record.owner == user
    assert record.purpose == ImageRecord.Purpose.UPLOAD
    assert record.expires_at == NOW + timedelta(days=30)


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_a_lossless_upload_keeps_every_pixel(user, format):
    content = samples.save(
        samples.gradient(), format, **({"lossless": True} if format == "WEBP" else {})
    )
    record = accept(user, content, f"photo.{samples.EXTENSIONS[format]}")
    assert np.array_equal(np.asarray(stored(record)), np.asarray(samples.gradient()))


def test_a_jpeg_is_reencoded_almost_without_loss_and_without_its_bytes(user):
    content = samples.save(samples.gradient(), "JPEG", quality=90, comment=b"CanaryComment")
    record = accept(user, content, "photo.jpg")
    decoded = np.asarray(Image.open(samples.io.BytesIO(content)), dtype=int)
    assert np.abs(np.asarray(stored(record), dtype=int) - decoded).max() <= 6
    assert b"CanaryComment" not in storage.read(record.file)


def test_a_lossless_policy_stores_jpeg_pixels_as_png(user):
    content = samples.save(samples.gradient(), "JPEG", quality=90)
    record = accept(user, content, "photo.jpg", policy=policy(lossless=True))
    assert record.format == "PNG"
    expected = np.asarray(Image.open(samples.io.BytesIO(content)))
    assert np.array_equal(np.asarray(stored(record)), expected)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_ends_upright(user, orientation, format):
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
    }  # fmt: skip
    upright = samples.gradient()
    if orientation in turns:
        upright = upright.transpose(turns[orientation])
    content = samples.with_exif(orientation, format)
    record = accept(
        user, content, f"photo.{samples.EXTENSIONS[format]}", policy=policy(keep=EVERYTHING)
    )
    result = stored(record)
    assert result.size == upright.size == (record.width, record.height)
    assert result.getexif().get(0x0112, 1) == 1
    difference = np.abs(np.asarray(result, dtype=int) - np.asarray(upright, dtype=int))
    assert difference.max() <= (0 if format == "PNG" else 40)
    assert difference.mean() < 6


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_no_metadata_survives_the_default_policy(user, format):
    content = samples.with_exif(format=format)
    assert b"CanaryCamera" in content
    record = accept(user, content, f"photo.{samples.EXTENSIONS[format]}")
    body = storage.read(record.file)
    for mark in (b"Canary", b"Exif", b"eXIf", b"GPS"):
        assert mark not in body
    assert dict(stored(record).getexif()) == {}


def test_a_policy_may_keep_exif_without_the_place(user):
    keeps = policy(keep=frozenset({Metadata.EXIF}))
    record = accept(user, samples.with_exif(6), "photo.jpg", policy=keeps)
    exif = stored(record).getexif()
    assert exif[0x010F] == "CanaryCamera"
    assert dict(exif.get_ifd(0x8825)) == {}
    assert b"CanaryPlace" not in storage.read(record.file)


def test_a_policy_may_keep_the_place(user):
    record = accept(user, samples.with_exif(), "photo.jpg", policy=policy(keep=EVERYTHING))
    assert stored(record).getexif().get_ifd(0x8825)[27] == b"CanaryPlace"


def test_xmp_and_comments_never_survive(user):
    content = samples.save(
        samples.gradient(), "JPEG", xmp=b"<x>CanaryXmp</x>", comment=b"CanaryNote"
    )
    record = accept(user, content, "photo.jpg", policy=policy(keep=EVERYTHING))
    assert b"Canary" not in storage.read(record.file)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_alpha_is_kept(user, mode):
    image = samples.gradient().convert("LA" if mode == "LA" else "RGBA")
    ramp = samples.gradient().getchannel("R")
    image.putalpha(ramp)
    if mode == "P":
        image = samples.gradient().quantize(16)
        content = samples.save(image, "PNG", transparency=3)
        expected = np.asarray(Image.open(samples.io.BytesIO(content)).convert("RGBA"))[..., 3]
        assert len(np.unique(expected)) == 2
    else:
        content, expected = samples.save(image), np.asarray(ramp)
    record = accept(user, content)
    assert np.array_equal(np.asarray(stored(record).getchannel("A")), expected)
    picture = decode(storage.read(record.file))
    assert picture.alpha is not None
    assert np.array_equal(picture.alpha, expected)
    assert picture.is_grey == (mode == "LA")


def test_a_grey_picture_stays_grey(user):
    record = accept(user, samples.save(samples.gradient().convert("L"), "JPEG"), "photo.jpg")
    assert stored(record).mode == "L"
    picture = decode(storage.read(record.file))
    assert picture.is_grey
    assert picture.array.shape == (32, 48, 3)
    assert np.array_equal(picture.array[..., 0], picture.array[..., 2])


def test_one_pixel_is_a_picture(user):
    record = accept(user, samples.save(Image.new("RGB", (1, 1), (1, 2, 3))))
    assert decode(storage.read(record.file)).array.tolist() == [[[1, 2, 3]]]


def test_colours_are_converted_to_srgb_when_the_profile_goes(user):
    content = samples.save(
        Image.new("RGB", (8, 8), (255, 0, 0)), icc_profile=samples.wide_gamut_profile()
    )
    record = accept(user, content)
    result = stored(record)
    assert "icc_profile" not in result.info
    # In the exchanged profile full red is what sRGB calls blue.
    red, green, blue = result.getpixel((3, 3))
    assert blue >= 250
    assert max(red, green) <= 5


def test_colours_are_untouched_where_the_policy_keeps_the_profile(user):
    profile = samples.wide_gamut_profile()
    content = samples.save(Image.new("RGB", (8, 8), (255, 0, 0)), icc_profile=profile)
    keeps = policy(keep=frozenset({Metadata.ICC}))
    record = accept(user, content, policy=keeps)
    result = stored(record)
    assert result.info["icc_profile"] == profile
    assert result.getpixel((3, 3)) == (255, 0, 0)
    picture = decode(storage.read(record.file), keeps)
    assert picture.icc == profile
    assert picture.array[3, 3].tolist() == [255, 0, 0]
    converted = decode(storage.read(record.file))
    assert converted.icc is None
    assert converted.array[3, 3, 2] >= 250


def test_a_broken_profile_is_ignored_and_reported(user):
    content = samples.save(samples.gradient(), icc_profile=b"no profile at all" * 20)
    assert decode(content).warnings == ("icc_ignored",)
    assert np.array_equal(decode(content).array, np.asarray(samples.gradient()))


def test_a_multi_picture_jpeg_is_its_first_picture(user):
    second = samples.gradient().rotate(180)
    content = samples.save(samples.gradient(), "MPO", save_all=True, append_images=[second])
    record = accept(user, content, "photo.jpg")
    assert (record.format, record.width) == ("JPEG", 48)
    assert stored(record).getpixel((47, 0))[0] > 200


def test_equal_uploads_have_different_unguessable_keys(user):
    content = samples.save(samples.gradient())
    first, second = accept(user, content), accept(user, content)
    assert first.file != second.file
    assert first.sha256 == second.sha256
