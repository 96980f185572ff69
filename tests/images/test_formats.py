"""Every format comes in upright and whole; what we cannot read is refused in words."""

from __future__ import annotations

import io
import struct
import sys

import cv2
import numpy as np
import pytest
import tifffile
from django.utils import translation
from PIL import Image, ImageFile

from project.images import heif, storage
from project.images.containers import identify
from project.images.decode import decode
from project.images.errors import UploadRefused
from project.images.intake import accept_upload
from project.images.policy import Policy
from tests.images import deep_samples, samples

pytestmark = [pytest.mark.django_db, pytest.mark.services]

POLICY = Policy(
    extensions=samples.ALL_EXTENSIONS, max_bytes=10**7, max_side=30_000, first_frame_only=True
)
GRADIENT = samples.gradient()
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip
# Format, extension, content, and how far its pixels may lie from the gradient's.
SAMPLES = {
    "PNG": ("png", samples.save(GRADIENT), 0),
    "JPEG": ("jpg", samples.save(GRADIENT, "JPEG", quality=95, subsampling=0), 6),
    "WEBP": ("webp", samples.save(GRADIENT, "WEBP", lossless=True), 0),
    "BMP": ("bmp", samples.save(GRADIENT, "BMP"), 0),
    "TIFF": ("tiff", samples.save(GRADIENT, "TIFF"), 0),
    "TIFF, LZW": ("tif", samples.save(GRADIENT, "TIFF", compression="tiff_lzw"), 0),
    "TIFF, JPEG": ("tif", samples.save(GRADIENT, "TIFF", compression="jpeg", quality=95), 8),
    "GIF": ("gif", samples.save(GRADIENT.quantize(255), "GIF"), 40),
    "AVIF": ("avif", samples.save(GRADIENT, "AVIF", quality=95, subsampling="4:4:4"), 8),
    "HEIC": ("heic", samples.heic("orientation-1"), 8),
}


def upright(image: Image.Image, orientation: int) -> np.ndarray:
    turned = image.transpose(TURNS[orientation]) if orientation in TURNS else image
    return np.asarray(turned, dtype=int)


def refusal_of(content: bytes, policy: Policy = POLICY) -> UploadRefused:
    with translation.override("en"), pytest.raises(UploadRefused) as refusal:
        decode(content, policy)
    return refusal.value


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_is_taken_and_stored_as_one_we_serve(name, user):
    extension, content, tolerance = SAMPLES[name]
    size = (64, 48) if name == "HEIC" else (48, 32)
    upload = samples.upload(content, f"photo.{extension}")
    record = accept_upload(owner=user, upload=upload, policy=POLICY)
    assert record.format == ("JPEG" if name == "JPEG" else "PNG")
    assert (record.width, record.height, record.bit_depth, record.warnings) == (*size, 8, [])
    stored = decode(storage.read(record.file))
    expected = np.asarray(samples.gradient(*size), dtype=int)
    assert np.abs(stored.array.astype(int) - expected).max() <= tolerance


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_every_format_ends_upright(format, orientation):
    picture = decode(samples.with_exif(orientation, format), POLICY)
    expected = upright(GRADIENT, orientation)
    assert picture.array.shape == expected.shape
    assert np.abs(picture.array.astype(int) - expected).mean() < 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_heic_ends_upright(orientation):
    picture = decode(samples.heic(f"orientation-{orientation}"), POLICY)
    expected = upright(samples.gradient(64, 48), orientation)
    assert picture.array.shape == expected.shape
    assert np.abs(picture.array.astype(int) - expected).max() <= 10


def test_heic_keeps_alpha_grey_and_its_profile():
    alpha = decode(samples.heic("alpha"), POLICY)
    expected = np.asarray(samples.gradient(64, 48).getchannel("R"), dtype=int)
    assert np.abs(alpha.alpha.astype(int) - expected).max() <= 4
    assert decode(samples.heic("grey"), POLICY).is_grey
    red, green, blue = decode(samples.heic("icc"), POLICY).array[20, 20]
    assert blue >= 245
    assert max(red, green) <= 10


def avif_of_ten_bits() -> bytes:
    levels = np.asarray(samples.gradient(64, 48), np.uint16)[..., ::-1] * 4
    done, encoded = cv2.imencode(
        ".avif", levels, [cv2.IMWRITE_AVIF_DEPTH, 10, cv2.IMWRITE_AVIF_QUALITY, 100]
    )
    assert done
    return encoded.tobytes()


@pytest.mark.parametrize("name", ["HEIC", "AVIF"])
def test_ten_bits_become_eight_and_the_owner_is_told(name):
    content = samples.heic("ten-bit") if name == "HEIC" else avif_of_ten_bits()
    picture = decode(content, POLICY)
    assert picture.warnings == ("depth_reduced",)
    assert picture.depth == 8
    expected = np.asarray(samples.gradient(64, 48), dtype=int)
    assert np.abs(picture.array.astype(int) - expected).max() <= 8


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
def test_the_first_frame_is_taken_with_a_warning_or_nothing_is(format, user):
    content = samples.animated(format)
    extension = {"TIFF": "tif"}.get(format, format.lower())
    upload = samples.upload(content, f"a.{extension}")
    record = accept_upload(owner=user, upload=upload, policy=POLICY)
    assert record.warnings == ["animated_first_frame_only"]
    array = decode(storage.read(record.file)).array.astype(int)
    assert np.abs(array - np.asarray(GRADIENT, dtype=int)).mean() < 9
    strict = Policy(extensions=samples.ALL_EXTENSIONS, max_bytes=10**7)
    assert refusal_of(content, strict).code == "animated_not_accepted"


def test_a_sequence_in_heic_is_its_primary_picture():
    content = bytearray(samples.heic("orientation-1"))
    content[8:12] = b"msf1"
    picture = decode(bytes(content), POLICY)
    assert picture.warnings == ("animated_first_frame_only",)
    assert picture.array.shape == (48, 64, 3)


def test_a_thumbnail_in_a_tiff_is_no_second_page():
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        writer.write(np.asarray(GRADIENT), photometric="rgb", metadata=None)
        writer.write(np.asarray(GRADIENT)[::4, ::4], photometric="rgb", subfiletype=1)
    assert decode(buffer.getvalue()[:], POLICY).warnings == ()


def test_a_bitmap_may_stand_on_its_head_or_not():
    content = bytearray(samples.save(GRADIENT, "BMP"))
    struct.pack_into("<i", content, 22, -32)
    flipped = decode(bytes(content), POLICY).array
    assert np.array_equal(flipped, np.asarray(GRADIENT)[::-1])


def test_a_frame_that_leaves_its_screen_stretches_it():
    content = bytearray(samples.save(GRADIENT.quantize(16), "GIF"))
    struct.pack_into("<HH", content, 6, 8, 8)
    assert decode(bytes(content), POLICY).array.shape == (32, 48, 3)


SMALL = {
    "1 x 1": (1, 1), "1 x 40": (1, 40), "2 x 2": (2, 2), "3 x 5000": (3, 5000),
}  # fmt: skip


@pytest.mark.parametrize("format", ["PNG", "WEBP", "BMP", "TIFF", "GIF", "AVIF", "JPEG"])
@pytest.mark.parametrize("size", SMALL)
def test_small_and_narrow_pictures_are_pictures(size, format):
    image = samples.gradient(*SMALL[size])
    assert decode(samples.save(image, format), POLICY).array.shape[1::-1] == image.size


def tiff_of(array: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, array, metadata=None, **options)
    return buffer.getvalue()


def with_tag(content: bytes, tag: int, value: int) -> bytes:
    """A little-endian TIFF with another value in a SHORT or LONG tag."""
    changed = bytearray(content)
    (offset,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, offset)
    for at in range(offset + 2, offset + 2 + 12 * count, 12):
        if struct.unpack_from("<H", content, at) == (tag,):
            struct.pack_into("<I", changed, at + 8, value)
            return bytes(changed)
    raise AssertionError(f"no tag {tag}")


PLAIN_TIFF = tiff_of(np.asarray(GRADIENT), photometric="rgb")
UNREADABLE = {
    "floating point": (
        tiff_of(np.zeros((8, 8), np.float32)), "unsupported_bit_depth", "floating point",
    ),
    "signed values": (
        tiff_of(np.zeros((8, 8), np.int16)), "unsupported_bit_depth", "signed",
    ),
    "32 bits": (
        tiff_of(np.zeros((8, 8), np.uint32)), "unsupported_bit_depth", "32 bits per channel",
    ),
    "JPEG 2000 in TIFF": (
        with_tag(PLAIN_TIFF, 259, 34_712), "unsupported_format", "compressed in a way",
    ),
    "Lab": (with_tag(PLAIN_TIFF, 262, 8), "unsupported_colour_space", "colour space"),
    "BigTIFF": (
        tiff_of(np.asarray(GRADIENT), photometric="rgb", bigtiff=True),
        "unsupported_format", "laid out",
    ),
    "16 bits in planes": (
        deep_samples.tiff16(
            np.ascontiguousarray(np.moveaxis(deep_samples.ramp(), 2, 0)),
            planarconfig="separate", extrasamples=None,
        ),
        "unsupported_format", "laid out",
    ),
    "12-bit JPEG": (
        samples.save(GRADIENT, "JPEG").replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc1\x00\x11\x0c"),
        "unsupported_bit_depth", "12 bits",
    ),
    "a JPEG in a BMP": (
        samples.save(GRADIENT, "BMP")[:30] + b"\x04" + samples.save(GRADIENT, "BMP")[31:],
        "unsupported_format", "compressed in a way",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_refused_in_words(case):
    content, code, words = UNREADABLE[case]
    refusal = refusal_of(content)
    assert (refusal.code, refusal.status) == (code, 415)
    assert words in str(refusal.detail)


def large(format: str) -> bytes:
    """A header of 29,000 x 29,000 pixels before a small body."""
    content = bytearray(samples.save(GRADIENT, format))
    if format == "BMP":
        struct.pack_into("<ii", content, 18, 29_000, 29_000)
    elif format == "GIF":
        struct.pack_into("<HH", content, 6, 29_000, 29_000)
    elif format == "TIFF":
        content = bytearray(with_tag(with_tag(PLAIN_TIFF, 256, 29_000), 257, 29_000))
    else:
        struct.pack_into(">II", content, content.index(b"ispe") + 8, 29_000, 29_000)
    return bytes(content)


@pytest.mark.parametrize("format", ["BMP", "GIF", "TIFF", "AVIF"])
def test_a_bomb_of_any_format_is_refused_before_a_decoder_exists(format, monkeypatch):
    def never(*args, **kwargs):
        raise AssertionError("the decoder was called")

    content = large(format)
    monkeypatch.setattr(Image, "open", never)
    monkeypatch.setattr(ImageFile.ImageFile, "load", never)
    refusal = refusal_of(content)
    assert refusal.code == "too_many_pixels"
    assert refusal.extra["width"] == 29_000


def test_a_heic_that_announces_too_much_or_too_little_is_refused():
    content = bytearray(samples.heic("orientation-1"))
    at = content.index(b"ispe") + 8
    struct.pack_into(">II", content, at, 29_000, 29_000)
    assert refusal_of(bytes(content)).code == "too_many_pixels"
    struct.pack_into(">II", content, at, 8, 8)
    assert refusal_of(bytes(content)).code == "corrupt_image"


def test_an_avif_that_announces_too_little_is_judged_by_its_bitstream():
    """libavif would decode all of it and shrink the result to what was announced."""
    content = bytearray(samples.save(Image.new("RGB", (600, 400), "red"), "AVIF", speed=10))
    struct.pack_into(">II", content, content.index(b"ispe") + 8, 16, 16)
    small = Policy(extensions=("avif",), max_bytes=10**6, max_side=500)
    refusal = refusal_of(bytes(content), small)
    assert (refusal.code, refusal.extra["width"]) == ("side_too_long", 600)


def test_a_file_that_kills_the_decoder_kills_nothing_else():
    """pi-heif 1.4.0 ends with a segmentation fault on it; it was found by `make fuzz`."""
    assert refusal_of(samples.heic("crashes-the-decoder")).code == "corrupt_image"
    assert "pi_heif" not in sys.modules


def test_the_decoding_child_gets_no_secret(monkeypatch):
    monkeypatch.setenv("CANARY_SECRET", "canary")
    seen = {}

    def run(command, **options):
        seen.update(options["env"], command=command)
        raise OSError("not started")

    monkeypatch.setattr(heif.subprocess, "run", run)
    assert refusal_of(samples.heic("grey")).code == "corrupt_image"
    assert seen.pop("command")[1] == "-I"
    assert set(seen) <= {"PATH", "LD_LIBRARY_PATH", "SYSTEMROOT"}


TAILS = {"an archive": b"PK\x05\x06" + bytes(18), "markup": b"<script>alert(1)</script>"}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("tail", TAILS)
def test_no_format_carries_another_file_behind_its_end(name, tail):
    content = SAMPLES[name][1]
    assert refusal_of(content + TAILS[tail]).code == "corrupt_image"
    assert decode(content + bytes(16), POLICY).width > 0  # padding is no file


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_cut_in_half_is_refused(name):
    content = SAMPLES[name][1]
    assert refusal_of(content[: len(content) // 2]).code == "corrupt_image"


def test_a_name_of_another_format_is_told_which_it_is(user):
    upload = samples.upload(SAMPLES["AVIF"][1], "photo.heif")
    with pytest.raises(UploadRefused) as refusal:
        accept_upload(owner=user, upload=upload, policy=POLICY)
    assert refusal.value.code == "format_mismatch"
    assert refusal.value.extra["actual_format"] == "AVIF"


def test_the_default_policy_takes_none_of_the_new_formats(user):
    for name in ("BMP", "TIFF", "GIF", "AVIF", "HEIC"):
        extension, content, _ = SAMPLES[name]
        with pytest.raises(UploadRefused) as refusal:
            accept_upload(owner=user, upload=samples.upload(content, f"a.{extension}"))
        assert refusal.value.code == "unsupported_format"


def test_every_sample_is_recognised_by_its_first_bytes():
    for name, (_, content, _) in SAMPLES.items():
        assert name.split(",")[0] == identify(content).NAME
