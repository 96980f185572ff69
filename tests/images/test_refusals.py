"""Every upload that is not a picture we accept: coded, helpful, and nothing stored."""

from __future__ import annotations

import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError, connection
from django.utils import translation
from PIL import Image, ImageFile

from project.images import storage
from project.images.errors import UploadRefused
from project.images.intake import DEFAULT_POLICY, Policy, accept_upload, stored_upload
from project.images.models import ImageRecord
from tests.images import samples

pytestmark = [pytest.mark.django_db, pytest.mark.services]

PNG, JPEG, WEBP = (samples.save(samples.gradient(), name) for name in ("PNG", "JPEG", "WEBP"))
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
HTML = b"<!doctype html><script>alert(1)</script>"
ZIP = b"PK\x03\x04" + b"\x00" * 30 + b"PK\x05\x06" + b"\x00" * 18
BAD_DATA = PNG[:41] + bytes([PNG[41] ^ 0xFF]) + PNG[42:]

REFUSED = {
    "an empty file": ("photo.png", b"", "empty_file", 422),
    "an empty file without a name": ("x", b"", "empty_file", 422),
    "SVG": ("drawing.svg", SVG, "unsupported_format", 415),
    "SVG called PNG": ("drawing.png", SVG, "unsupported_format", 415),
    "HTML called JPEG": ("page.jpg", HTML, "unsupported_format", 415),
    "GIF": (
        "a.gif",
        samples.save(samples.gradient().convert("P"), "GIF"),
        "unsupported_format",
        415,
    ),
    "GIF called PNG": ("a.png", samples.save(samples.gradient(), "GIF"), "unsupported_format", 415),
    "BMP called PNG": ("a.png", samples.save(samples.gradient(), "BMP"), "unsupported_format", 415),
    "TIFF": ("a.tiff", samples.save(samples.gradient(), "TIFF"), "unsupported_format", 415),
    "PDF": ("a.pdf", b"%PDF-1.7\n", "unsupported_format", 415),
    "a program": ("a.jpg", b"MZ" + bytes(100), "unsupported_format", 415),
    "a picture without an extension": ("photo", PNG, "unsupported_format", 415),
    "a picture called .exe": ("photo.exe", PNG, "unsupported_format", 415),
    "markup before a picture": ("a.jpg", b"<script>x</script>" + JPEG, "unsupported_format", 415),
    "PNG called JPEG": ("photo.jpg", PNG, "format_mismatch", 422),
    "JPEG called WEBP": ("photo.webp", JPEG, "format_mismatch", 422),
    "WEBP called PNG": ("photo.png", WEBP, "format_mismatch", 422),
    "PNG cut in half": ("photo.png", PNG[: len(PNG) // 2], "corrupt_image", 422),
    "JPEG cut in half": ("photo.jpg", JPEG[: len(JPEG) // 2], "corrupt_image", 422),
    "JPEG without its end": ("photo.jpg", JPEG[:-2], "corrupt_image", 422),
    "WEBP cut in half": ("photo.webp", WEBP[: len(WEBP) // 2], "corrupt_image", 422),
    "only the magic bytes": ("photo.png", PNG[:8], "corrupt_image", 422),
    "a PNG with broken data": ("photo.png", BAD_DATA, "corrupt_image", 422),
    "a PNG with one row of data": (
        "photo.png",
        samples.png_with_header(900, 900),
        "corrupt_image",
        422,
    ),
    "a PNG of zero width": ("photo.png", samples.png_with_header(0, 5), "corrupt_image", 422),
    "PNG and ZIP in one": ("photo.png", PNG + ZIP, "corrupt_image", 422),
    "JPEG and ZIP in one": ("photo.jpg", JPEG + ZIP, "corrupt_image", 422),
    "JPEG and PHP in one": ("photo.jpg", JPEG + b"<?php system($_GET[0]);", "corrupt_image", 422),
    "JPEG and PDF in one": ("photo.jpg", JPEG + b"\n%PDF-1.4\n", "corrupt_image", 422),
    "WEBP and HTML in one": ("photo.webp", WEBP + HTML, "corrupt_image", 422),
    "animated PNG": ("photo.png", samples.animated("PNG"), "animated_not_accepted", 422),
    "animated WEBP": ("photo.webp", samples.animated("WEBP"), "animated_not_accepted", 422),
    "a bomb": ("photo.png", samples.bomb(), "side_too_long", 422),
    "a WEBP bomb": ("photo.webp", samples.webp_bomb(), "side_too_long", 422),
    "a PNG 2,147,483,647 wide": (
        "a.png",
        samples.png_with_header(2**31 - 1, 1),
        "side_too_long",
        422,
    ),
    "41 megapixels": ("photo.png", samples.png_with_header(8200, 5000), "too_many_pixels", 422),
}


def assert_nothing_is_stored(files) -> None:
    assert files() == set()
    assert not ImageRecord.objects.exists()


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_upload_is_refused_with_its_code_and_leaves_nothing(case, user, files):
    name, content, code, status = REFUSED[case]
    with pytest.raises(UploadRefused) as refusal:
        accept_upload(owner=user, upload=samples.upload(content, name))
    assert (refusal.value.code, refusal.value.status) == (code, status)
    assert refusal.value.extra["allowed"] == {
        "formats": ["PNG", "JPEG", "WEBP"],
        "extensions": list(DEFAULT_POLICY.extensions),
        "max_bytes": DEFAULT_POLICY.max_bytes,
        "max_pixels": 40_000_000,
        "max_side": 12_000,
    }
    assert_nothing_is_stored(files)


def test_a_bomb_is_refused_from_its_header_before_a_decoder_exists(user, files, monkeypatch):
    def never(*args, **kwargs):
        raise AssertionError("the decoder was called")

    monkeypatch.setattr(Image, "open", never)
    monkeypatch.setattr(ImageFile.ImageFile, "load", never)
    assert len(samples.bomb()) < 120_000
    policy = Policy(extensions=("png",), max_bytes=10**6, max_side=50_000)
    with pytest.raises(UploadRefused) as refusal:
        accept_upload(owner=user, upload=samples.upload(samples.bomb()), policy=policy)
    assert refusal.value.code == "too_many_pixels"
    assert refusal.value.extra["width"] == refusal.value.extra["height"] == 30_000
    assert_nothing_is_stored(files)


def test_the_size_is_counted_and_reading_stops_at_the_limit(user, files):
    class Endless(SimpleUploadedFile):
        """Announces one byte and never ends."""

        sent = 0

        def chunks(self, chunk_size=None):
            while True:
                self.sent += 1000
                yield bytes(1000)

    endless = Endless("photo.png", b"x")
    policy = Policy(extensions=("png",), max_bytes=10_000)
    with pytest.raises(UploadRefused) as refusal:
        accept_upload(owner=user, upload=endless, policy=policy)
    assert (refusal.value.code, refusal.value.status) == ("too_large_bytes", 413)
    assert endless.sent == 11_000
    assert_nothing_is_stored(files)


def test_a_file_of_exactly_the_limit_passes_and_one_byte_more_does_not(user):
    exact = Policy(extensions=("png",), max_bytes=len(PNG))
    short = Policy(extensions=("png",), max_bytes=len(PNG) - 1)
    assert accept_upload(owner=user, upload=samples.upload(PNG), policy=exact).format == "PNG"
    with pytest.raises(UploadRefused) as refusal:
        accept_upload(owner=user, upload=samples.upload(PNG), policy=short)
    assert refusal.value.code == "too_large_bytes"


def test_limits_are_inclusive(user):
    content = samples.save(samples.gradient(40, 30))
    upload = samples.upload(content)
    fits = Policy(extensions=("png",), max_bytes=10**6, max_pixels=1200, max_side=40)
    assert accept_upload(owner=user, upload=upload, policy=fits).width == 40


def test_a_refusal_speaks_the_language_of_the_user(user):
    with translation.override("en"), pytest.raises(UploadRefused) as refusal:
        accept_upload(owner=user, upload=samples.upload(SVG))
    assert str(refusal.value.detail) == (
        "This is not a picture that can be used here. Accepted formats: PNG, JPEG, WEBP."
    )


def test_a_failing_database_leaves_no_file(user, files, monkeypatch):
    def fails(**fields):
        assert len(files()) == 1  # the file is written before the row
        raise RuntimeError("database is gone")

    monkeypatch.setattr(ImageRecord.objects, "create", fails)
    with pytest.raises(RuntimeError):
        accept_upload(owner=user, upload=samples.upload(PNG))
    assert files() == set()


def test_a_failing_store_leaves_no_row(user, files, monkeypatch):
    def fails(key, content):
        raise OSError("disk full")

    monkeypatch.setattr(storage, "put", fails)
    with pytest.raises(OSError, match="disk full"):
        accept_upload(owner=user, upload=samples.upload(PNG))
    assert_nothing_is_stored(files)


def test_what_follows_a_refused_submission_takes_the_upload_back(user, files):
    with pytest.raises(LookupError), stored_upload(owner=user, upload=samples.upload(PNG)):
        assert (ImageRecord.objects.count(), len(files())) == (1, 1)
        raise LookupError("queue_limit")
    assert_nothing_is_stored(files)


@pytest.mark.django_db(transaction=True)
def test_a_commit_whose_answer_gets_lost_keeps_the_file_of_its_row(user, files, monkeypatch):
    """As when the database restarts at that moment: the row is there, the client sees an error."""

    def commits_and_fails():
        monkeypatch.undo()
        connection.commit()
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(connection, "commit", commits_and_fails)
    with pytest.raises(OperationalError):
        accept_upload(owner=user, upload=samples.upload(PNG))
    assert files() == {ImageRecord.objects.get().file}


def test_a_file_is_left_to_the_sweep_when_the_database_cannot_say_whose_it_is(
    user, files, monkeypatch
):
    def is_away(*args, **kwargs):
        raise InterfaceError("connection already closed")

    monkeypatch.setattr(ImageRecord.objects, "create", is_away)
    monkeypatch.setattr(ImageRecord.objects, "filter", is_away)
    with pytest.raises(InterfaceError):
        accept_upload(owner=user, upload=samples.upload(PNG))
    assert len(files()) == 1


def test_a_header_that_contradicts_the_decoder_is_refused(user, files):
    """VP8X announces a small canvas, the bitstream inside is larger."""
    inner = WEBP[12:]
    canvas = bytes(4) + (3).to_bytes(3, "little") * 2
    body = b"WEBPVP8X" + struct.pack("<I", 10) + canvas + inner
    lying = b"RIFF" + struct.pack("<I", len(body)) + body
    with pytest.raises(UploadRefused) as refusal:
        accept_upload(owner=user, upload=samples.upload(lying, "a.webp"))
    assert refusal.value.code == "corrupt_image"
    assert_nothing_is_stored(files)


def test_a_text_chunk_bomb_is_refused(user, files):
    """A few kilobytes of iTXt that inflate to 100 MB."""
    packed = zlib.compress(bytes(100_000_000), 9)
    chunk = samples.png_chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x01\x00\x00\x00" + packed)
    with pytest.raises(UploadRefused) as refusal:
        accept_upload(owner=user, upload=samples.upload(PNG[:33] + chunk + PNG[33:]))
    assert refusal.value.code == "corrupt_image"
    assert_nothing_is_stored(files)
