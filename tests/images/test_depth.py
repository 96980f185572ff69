"""16 bits per channel come in, stay, and go out; what cannot stay is said."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from project.images import intake, storage
from project.images.decode import decode
from project.images.encode import encode
from project.images.errors import TooBusy, UploadRefused
from project.images.intake import accept_upload
from project.images.marking import SourceType, read_marking
from project.images.models import ImageRecord
from project.images.policy import OWN_FILES, Metadata, Policy
from tests.images import deep_samples, samples

pytestmark = [pytest.mark.django_db, pytest.mark.services]

ANY = Policy(extensions=("png", "tif", "tiff"), max_bytes=10**7, max_side=30_000)
RAMP = deep_samples.ramp()
TIFFS = {
    "little-endian": {"byteorder": "<"},
    "big-endian": {"byteorder": ">"},
    "deflate": {"compression": "adobe_deflate"},
    "deflate, predicted": {"compression": "adobe_deflate", "predictor": True},
    "deflate, predicted, big-endian": {
        "compression": "adobe_deflate", "predictor": True, "byteorder": ">",
    },
    "strips": {"rowsperstrip": 5},
    "tiles": {"tile": (16, 32)},
    "predicted tiles": {"tile": (32, 16), "compression": "adobe_deflate", "predictor": True},
}  # fmt: skip


def parts(pixels):
    """Colour as three channels, and alpha or None, as `decode` gives them."""
    channels = pixels.shape[2]
    alpha = pixels[..., -1] if channels in (2, 4) else None
    colour = pixels[..., : 1 if channels < 3 else 3]
    return (np.repeat(colour, 3, axis=2) if channels < 3 else colour), alpha


def assert_holds(picture, pixels) -> None:
    colour, alpha = parts(pixels)
    assert picture.depth == 16
    assert picture.array.dtype == np.uint16
    assert np.array_equal(picture.array, colour)
    assert picture.is_grey == (pixels.shape[2] < 3)
    if alpha is None:
        assert picture.alpha is None
    else:
        assert np.array_equal(picture.alpha, alpha)


@pytest.mark.parametrize("kind", deep_samples.KINDS)
def test_every_kind_of_png_keeps_every_level(kind):
    pixels = deep_samples.ramp(kind)
    assert len(np.unique(pixels[..., 0])) > 1000
    assert_holds(decode(deep_samples.png16(pixels), ANY), pixels)


def test_a_transparent_colour_of_a_png_is_its_alpha():
    for pixels in (deep_samples.ramp("grey"), RAMP):
        key = pixels[3, 4].astype(">u2").tobytes()
        picture = decode(deep_samples.png16(pixels, (b"tRNS", key)), ANY)
        expected = np.where((pixels == pixels[3, 4]).all(axis=2), 0, 65_535)
        assert np.array_equal(picture.alpha, expected)
        assert picture.is_grey == (pixels.shape[2] == 1)


@pytest.mark.parametrize("kind", ["grey", "RGB", "RGBA"])
@pytest.mark.parametrize("layout", TIFFS)
def test_every_layout_of_tiff_keeps_every_level(layout, kind):
    pixels = deep_samples.ramp(kind)
    assert_holds(decode(deep_samples.tiff16(pixels, **TIFFS[layout]), ANY), pixels)


@pytest.mark.parametrize("kind", ["RGB", "RGBA"])
def test_an_lzw_tiff_keeps_every_level(kind):
    pixels = deep_samples.ramp(kind)
    content = deep_samples.tiff16_lzw(pixels)
    if kind == "RGBA":  # OpenCV forgets to say what its fourth channel is
        assert_holds(decode(content, ANY), pixels[..., :3])
    else:
        assert_holds(decode(content, ANY), pixels)


def test_white_is_zero_means_what_it_says():
    pixels = deep_samples.ramp("grey")
    content = deep_samples.tiff16(pixels, photometric="miniswhite")
    assert_holds(decode(content, ANY), 65_535 - pixels)


def test_colours_multiplied_by_their_alpha_are_divided_again():
    pixels = np.full((4, 4, 4), 20_000, np.uint16)
    pixels[..., 3] = 40_000
    picture = decode(deep_samples.tiff16(pixels, extrasamples=["assocalpha"]), ANY)
    assert np.abs(picture.array.astype(int) - 32_768).max() <= 1
    assert (picture.alpha == 40_000).all()


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_deep_pictures_end_upright_as_shallow_ones_do(orientation, format):
    if format == "PNG":
        content = deep_samples.png16(RAMP, (b"eXIf", deep_samples.exif_block(orientation)))
    else:
        content = deep_samples.tiff16(RAMP, extratags=[(0x0112, 3, 1, orientation, True)])
    shallow = samples.with_exif(orientation, "PNG")
    picture = decode(content, ANY)
    assert (picture.height, picture.width) == picture.array.shape[:2]
    assert (picture.width > picture.height) == (decode(shallow).width > decode(shallow).height)
    eight = Image.fromarray((RAMP // 256).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = decode(samples.save(eight, exif=exif)).array
    assert np.array_equal(picture.array // 256, upright)


def test_a_deep_upload_is_stored_as_a_png_of_the_same_levels(user):
    for name, content in (
        ("a.png", deep_samples.png16(RAMP)),
        ("a.tif", deep_samples.tiff16(RAMP, compression="adobe_deflate")),
    ):
        record = accept_upload(owner=user, upload=samples.upload(content, name), policy=ANY)
        assert (record.format, record.bit_depth, record.warnings) == ("PNG", 16, [])
        stored = storage.read(record.file)
        assert Image.open(io.BytesIO(stored)).format == "PNG"
        assert_holds(decode(stored, OWN_FILES), RAMP)


def test_a_large_picture_waits_for_the_one_before_it_and_not_for_ever(user, monkeypatch):
    monkeypatch.setattr(intake, "_HEAVY_PATIENCE_SECONDS", 0.01)
    content = deep_samples.png16(RAMP)
    with intake._decoding_heavy, pytest.raises(TooBusy) as caught:
        accept_upload(owner=user, upload=samples.upload(content, "a.png"), policy=ANY)
    assert (caught.value.status, caught.value.retry_after_seconds) == (503, 60)
    assert not ImageRecord.objects.exists()
    accept_upload(owner=user, upload=samples.upload(content, "a.png"), policy=ANY)


def test_a_shallow_upload_has_8_bits(user):
    record = accept_upload(owner=user, upload=samples.upload(samples.save(samples.gradient())))
    assert record.bit_depth == 8


def test_a_policy_of_8_bits_refuses_16_and_says_so():
    shallow = Policy(extensions=("png",), max_bytes=10**7, max_depth=8)
    with pytest.raises(UploadRefused) as refusal:
        decode(deep_samples.png16(RAMP), shallow)
    assert (refusal.value.code, refusal.value.status) == ("unsupported_bit_depth", 415)
    assert "Save it with 8 bits" in str(refusal.value.detail)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
@pytest.mark.parametrize("kind", deep_samples.KINDS)
def test_a_deep_result_comes_back_as_it_went_in(format, kind):
    pixels = deep_samples.ramp(kind)
    colour, alpha = parts(pixels)
    made = encode(
        colour,
        alpha=alpha,
        is_grey=pixels.shape[2] < 3,
        format=format,
        source_type=SourceType.ENHANCED,
    )
    assert (made.format, made.bit_depth) == (format, 16)
    assert read_marking(made.content).source_type == SourceType.ENHANCED
    picture = decode(made.content, OWN_FILES)
    assert np.array_equal(picture.array, colour)
    assert alpha is None or np.array_equal(picture.alpha, alpha)


@pytest.mark.parametrize("kind", deep_samples.KINDS)
def test_a_deep_png_is_read_alike_by_another_program(kind):
    import cv2

    pixels = deep_samples.ramp(kind)
    colour, alpha = parts(pixels)
    made = encode(colour, alpha=alpha, is_grey=pixels.shape[2] < 3, source_type=SourceType.ENHANCED)
    read = cv2.imdecode(np.frombuffer(made.content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(read[..., 1] if read.ndim == 3 else read, colour[..., 1])


@pytest.mark.parametrize("format", ["JPEG", "WEBP"])
def test_formats_of_8_bits_get_rounded_levels(format):
    deep = np.full((16, 16, 3), 128 * 257 + 100, np.uint16)
    made = encode(deep, format=format, source_type=SourceType.ENHANCED)
    assert made.bit_depth == 8
    assert np.abs(np.asarray(Image.open(io.BytesIO(made.content)), int) - 128).max() <= 1


@pytest.mark.parametrize("primaries", ["swapped", "sRGB"])
def test_a_deep_picture_is_converted_to_srgb_with_all_its_levels(primaries):
    profile = samples.wide_gamut_profile() if primaries == "swapped" else samples.srgb_profile()
    content = deep_samples.tiff16(RAMP, iccprofile=profile)
    picture = decode(content, ANY)
    assert picture.icc is None
    expected = RAMP[..., ::-1] if primaries == "swapped" else RAMP
    assert np.abs(picture.array.astype(int) - expected).max() <= (
        300 if primaries == "swapped" else 0
    )
    assert len(np.unique(picture.array[..., 0])) > 1000


def test_deep_and_shallow_conversion_agree():
    profile = samples.gamma_profile()
    shallow = samples.save(Image.fromarray((RAMP // 257).astype(np.uint8)), icc_profile=profile)
    deep = deep_samples.tiff16((RAMP // 257 * 257).astype(np.uint16), iccprofile=profile)
    one, other = decode(shallow).array.astype(int), decode(deep, ANY).array / 257
    assert np.abs(one - other).max() < 1.5
    assert np.abs(one - RAMP // 257).max() > 10  # the profile does something


def test_a_profile_that_is_kept_leaves_the_levels_alone():
    profile = samples.wide_gamut_profile()
    keeps = Policy(extensions=("tif",), max_bytes=10**7, keep=frozenset({Metadata.ICC}))
    picture = decode(deep_samples.tiff16(RAMP, iccprofile=profile), keeps)
    assert picture.icc == profile
    assert np.array_equal(picture.array, RAMP)


def test_a_profile_of_tables_costs_depth_and_says_so():
    content = deep_samples.tiff16(RAMP, iccprofile=samples.table_profile())
    picture = decode(content, ANY)
    assert picture.depth == 8
    assert "depth_reduced" in picture.warnings
