"""What a policy keeps of EXIF, and that places and thumbnails are gone unless asked for."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from project.images import storage
from project.images.decode import decode
from project.images.encode import encode
from project.images.intake import accept_upload
from project.images.marking import SourceType
from project.images.policy import OWN_FILES, Metadata, Policy
from tests.images import deep_samples, samples

pytestmark = [pytest.mark.django_db, pytest.mark.services]

PHOTO, PLACE, THUMBNAIL = 0x8769, 0x8825, -1
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIC")


def policy(*keep: Metadata) -> Policy:
    return Policy(extensions=samples.ALL_EXTENSIONS, max_bytes=10**7, keep=frozenset(keep))


WITHOUT_PLACE = policy(Metadata.EXIF)
WITH_PLACE = policy(Metadata.EXIF, Metadata.GPS)


def a_photo(format: str, orientation: int = 6) -> bytes:
    if format == "HEIC":
        return samples.heic(f"orientation-{orientation}")
    return samples.with_exif(orientation, format)


def exif_of(block: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load(block)
    return exif


@pytest.mark.parametrize("format", FORMATS)
def test_exif_is_kept_upright_and_without_the_place(format):
    block = decode(a_photo(format), WITHOUT_PLACE).exif
    exif = exif_of(block)
    assert exif[0x010F] == "CanaryCamera"
    assert exif[0x0112] == 1
    assert dict(exif.get_ifd(PLACE)) == {}
    assert b"CanaryPlace" not in block


@pytest.mark.parametrize("format", FORMATS)
def test_the_place_is_kept_where_the_policy_says_so(format):
    place = exif_of(decode(a_photo(format), WITH_PLACE).exif).get_ifd(PLACE)
    assert place[1] == "N"
    assert [float(part) for part in place[2]] == [52, 31, 7]


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_kept_by_default(format):
    assert decode(a_photo(format), policy()).exif is None


@pytest.mark.parametrize("target", ["PNG", "JPEG", "WEBP", "TIFF", "deep PNG", "deep TIFF"])
def test_a_result_carries_the_exif_of_its_source(target):
    picture = decode(a_photo("JPEG"), WITHOUT_PLACE)
    array = picture.array.astype(np.uint16) * 257 if "deep" in target else picture.array
    made = encode(
        array,
        format=target.removeprefix("deep "),
        exif=picture.exif,
        source_type=SourceType.ENHANCED,
    )
    result = Image.open(io.BytesIO(made.content))
    assert result.size == (picture.width, picture.height)
    exif = result.getexif()
    assert exif[0x010F] == "CanaryCamera"
    assert exif[0x0112] == 1
    assert dict(exif.get_ifd(PLACE)) == {}
    again = decode(made.content, OWN_FILES)
    assert again.array.shape == picture.array.shape


def test_a_tiff_result_carries_the_photo_directory_and_the_place():
    photo = Image.Exif()
    photo[0x010F] = "CanaryCamera"
    photo[PHOTO] = {0x829A: (1, 250), 0x9003: "2026:01:02 03:04:05", 0x8827: 400}
    photo[PLACE] = {1: "N", 2: (52.0, 31.0, 7.0)}
    source = samples.save(samples.gradient(), "JPEG", exif=photo.tobytes())
    picture = decode(source, WITH_PLACE)
    made = encode(picture.array, format="TIFF", exif=picture.exif, source_type=SourceType.ENHANCED)
    exif = Image.open(io.BytesIO(made.content)).getexif()
    assert exif.get_ifd(PHOTO)[0x9003] == "2026:01:02 03:04:05"
    assert exif.get_ifd(PHOTO)[0x8827] == 400
    assert exif.get_ifd(PLACE)[1] == "N"
    assert exif_of(decode(made.content, OWN_FILES_WITH_EXIF).exif)[0x010F]


OWN_FILES_WITH_EXIF = Policy(
    extensions=("png", "jpg", "tif"), max_bytes=10**8, keep=frozenset({Metadata.EXIF})
)


def test_maker_notes_sides_and_unknown_tags_go():
    photo = Image.Exif()
    photo[0x010F] = "CanaryCamera"
    photo[0xC4A5] = b"CanaryPrintImageMatching"
    photo[PHOTO] = {0x927C: b"CanaryMaker", 0xA002: 48, 0xA003: 32, 0x9286: b"ASCII\0\0\0Hello"}
    source = samples.save(samples.gradient(), "JPEG", exif=photo.tobytes())
    block = decode(source, WITH_PLACE).exif
    kept = exif_of(block).get_ifd(PHOTO)
    assert set(kept) == {0x9286}
    assert b"CanaryMaker" not in block
    assert b"CanaryPrint" not in block


def test_an_embedded_thumbnail_goes():
    """IFD1 of a JPEG's EXIF block holds a small JPEG that may show what was cropped away."""
    small = samples.save(samples.gradient(16, 16), "JPEG")
    head = b"MM\x00*\x00\x00\x00\x08"
    first = (
        b"\x00\x01" + bytes.fromhex("010f 0002 00000004") + b"Cam\x00" + bytes.fromhex("0000001a")
    )
    at = 8 + len(first) + 2 + 24 + 4
    second = b"\x00\x02" + bytes.fromhex("0201 0004 00000001") + at.to_bytes(4, "big")
    second += bytes.fromhex("0202 0004 00000001") + len(small).to_bytes(4, "big") + bytes(4)
    block = b"Exif\x00\x00" + head + first + second + small
    source = samples.save(samples.gradient(), "JPEG", exif=block)
    assert exif_of(block).get_ifd(THUMBNAIL)  # the sample is what it claims to be
    kept = decode(source, WITH_PLACE).exif
    assert exif_of(kept)[0x010F] == "Cam"
    assert b"\xff\xd8" not in kept
    assert dict(exif_of(kept).get_ifd(THUMBNAIL)) == {}


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    b'xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="CanaryPlace"/>'
    b"</rdf:RDF></x:xmpmeta>"
)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_xmp_never_survives_because_it_can_hold_the_place(format, user):
    if format == "PNG":
        plain = samples.save(samples.gradient())
        body = b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + XMP
        content = plain[:33] + samples.png_chunk(b"iTXt", body) + plain[33:]
    elif format == "TIFF":
        content = samples.save(samples.gradient(), "TIFF", tiffinfo={700: XMP})
    else:
        content = samples.save(samples.gradient(), format, xmp=XMP)
    assert b"CanaryPlace" in content
    extension = {"JPEG": "jpg", "TIFF": "tif"}.get(format, format.lower())
    upload = samples.upload(content, f"a.{extension}")
    record = accept_upload(owner=user, upload=upload, policy=WITH_PLACE)
    assert b"CanaryPlace" not in storage.read(record.file)


def test_a_deep_upload_keeps_its_exif(user):
    block = samples.with_exif(6, "PNG")
    start = block.index(b"eXIf") + 4
    length = int.from_bytes(block[start - 8 : start - 4], "big")
    content = deep_samples.png16(deep_samples.ramp(), (b"eXIf", block[start : start + length]))
    upload = samples.upload(content)
    record = accept_upload(owner=user, upload=upload, policy=WITHOUT_PLACE)
    picture = decode(storage.read(record.file), OWN_FILES_WITH_EXIF)
    assert picture.depth == 16
    assert (picture.width, picture.height) == (deep_samples.HEIGHT, deep_samples.WIDTH)
    assert exif_of(picture.exif)[0x010F] == "CanaryCamera"
    assert b"CanaryPlace" not in picture.exif


def test_a_broken_block_costs_the_block_and_not_the_picture():
    broken = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff" + bytes(20)
    picture = decode(samples.save(samples.gradient(), "PNG", exif=broken), WITHOUT_PLACE)
    assert picture.exif is None
    assert picture.width == 48


def test_a_block_too_long_for_a_jpeg_is_left_out_and_reported():
    photo = Image.Exif()
    for tag in (270, 271, 272, 305, 315, 316, 33_432, 40_091, 40_092, 40_093):
        photo[tag] = "x" * 7_900
    picture = decode(samples.save(samples.gradient(), exif=photo.tobytes()), WITHOUT_PLACE)
    assert picture.exif is None
    assert picture.warnings == ("exif_ignored",)
