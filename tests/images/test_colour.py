"""Colours, grey and transparency: converted where they must be, exact where they can be."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from project.images.colour import srgb_profile
from project.images.decode import decode
from project.images.encode import CannotEncode, encode
from project.images.marking import SourceType
from project.images.policy import Metadata, Policy
from tests.images import samples

pytestmark = pytest.mark.services

POLICY = Policy(extensions=samples.ALL_EXTENSIONS, max_bytes=10**7)
KEEPS = Policy(extensions=samples.ALL_EXTENSIONS, max_bytes=10**7, keep=frozenset({Metadata.ICC}))
# Inks in per cent of 255, and what Pillow's plain conversion makes of them.
INKS = (200, 30, 60, 20)
PLAIN = tuple(round((255 - ink) * (255 - INKS[3]) / 255) for ink in INKS[:3])
RAMP = samples.gradient().getchannel("R")


def cmyk() -> Image.Image:
    return Image.new("CMYK", (32, 32), INKS)


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_cmyk_without_a_profile_is_converted_plainly_and_said_so(format):
    picture = decode(samples.save(cmyk(), format), POLICY)
    assert picture.warnings == ("cmyk_converted",)
    assert np.abs(picture.array[5, 5].astype(int) - PLAIN).max() <= 4
    assert picture.icc is None


def test_an_adobe_jpeg_is_inverted_and_a_tiff_is_not():
    """Adobe's programs store the inks of a JPEG upside down and say so by an APP14 segment."""
    adobe = samples.save(cmyk(), "JPEG", quality=95)
    assert b"\xff\xee\x00\x0eAdobe" in adobe
    stored = cv2.imdecode(np.frombuffer(adobe, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert np.abs(stored[5, 5].astype(int) - PLAIN).max() <= 6  # another program agrees
    tiff = samples.save(cmyk(), "TIFF")
    assert bytes(INKS) in tiff
    for content in (adobe, tiff):
        assert np.abs(decode(content, POLICY).array[5, 5].astype(int) - PLAIN).max() <= 4


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
@pytest.mark.parametrize("policy", [POLICY, KEEPS], ids=["converts", "keeps profiles"])
def test_cmyk_with_a_press_profile_is_converted_by_it(format, policy):
    profile = samples.press_profile()
    picture = decode(samples.save(cmyk(), format, icc_profile=profile), policy)
    assert picture.warnings == ()
    assert picture.icc is None  # the pixels are sRGB now, whatever the policy keeps
    expected = ImageCms.profileToProfile(
        cmyk(),
        io.BytesIO(profile),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    ).getpixel((5, 5))
    assert np.abs(picture.array[5, 5].astype(int) - expected).max() <= 6
    assert np.abs(picture.array[5, 5].astype(int) - PLAIN).max() > 20  # not the plain conversion


def test_cmyk_with_an_unusable_profile_says_both():
    content = samples.save(cmyk(), "TIFF", icc_profile=samples.wide_gamut_profile())
    assert decode(content, POLICY).warnings == ("icc_ignored", "cmyk_converted")


def test_grey_profiles_are_converted_or_kept():
    grey = samples.gradient().getchannel("R")
    content = samples.save(grey, icc_profile=samples.grey_profile(1.0))
    converted = decode(content, POLICY)
    assert converted.is_grey
    middle = converted.array[0, 24, 0]
    assert int(middle) - np.asarray(grey)[0, 24] > 40  # linear light is brighter in sRGB
    kept = decode(content, KEEPS)
    assert kept.icc == samples.grey_profile(1.0)
    assert np.array_equal(kept.array[..., 0], np.asarray(grey))


def test_a_grey_profile_on_colours_is_ignored_and_reported():
    content = samples.save(samples.gradient(), icc_profile=samples.grey_profile())
    for policy in (POLICY, KEEPS):
        picture = decode(content, policy)
        assert picture.warnings == ("icc_ignored",)
        assert picture.icc is None


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("depth", [8, 16])
def test_a_result_keeps_the_profile_of_its_pixels(format, depth):
    array = np.asarray(samples.gradient())
    if depth == 16:
        array = array.astype(np.uint16) * 257
    profile = samples.wide_gamut_profile()
    made = encode(array, format=format, icc=profile, source_type=SourceType.ENHANCED)
    assert Image.open(io.BytesIO(made.content)).info["icc_profile"] == profile
    plain = encode(array, format=format, source_type=SourceType.ENHANCED)
    assert Image.open(io.BytesIO(plain.content)).info["icc_profile"] == srgb_profile()


def test_a_grey_result_keeps_a_grey_profile_and_gets_no_other():
    array = np.dstack([np.asarray(RAMP)] * 3)
    profile = samples.grey_profile()

    def made(icc, *, is_grey):
        content = encode(array, is_grey=is_grey, icc=icc, source_type=SourceType.ENHANCED).content
        return Image.open(io.BytesIO(content))

    assert made(profile, is_grey=True).info["icc_profile"] == profile
    assert "icc_profile" not in made(None, is_grey=True).info
    assert made(samples.wide_gamut_profile(), is_grey=True).mode == "RGB"
    with pytest.raises(CannotEncode):
        made(profile, is_grey=False)


def palette_with_alpha() -> Image.Image:
    image = samples.gradient().quantize(16)
    image.info["transparency"] = bytes(range(0, 256, 16))
    return image


def with_alpha(mode: str, alpha: Image.Image) -> Image.Image:
    image = samples.gradient().convert(mode)
    image.putalpha(alpha)
    return image


CONSTANT = Image.new("L", (48, 32), 77)
NOTHING = Image.new("L", (48, 32), 0)
TRANSPARENT = {
    "RGBA": with_alpha("RGB", RAMP),
    "grey with alpha": with_alpha("L", RAMP),
    "palette with transparency": palette_with_alpha(),
    "fully transparent": with_alpha("RGB", NOTHING),
    "constant": with_alpha("RGB", CONSTANT),
}


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
@pytest.mark.parametrize("kind", TRANSPARENT)
def test_alpha_and_the_colours_beneath_come_and_go_exactly(kind, format):
    image = TRANSPARENT[kind]
    source = samples.save(image)
    expected = Image.open(io.BytesIO(source)).convert("RGBA")
    if format == "TIFF" and kind != "palette with transparency":
        source = samples.save(image, "TIFF")
    picture = decode(source, POLICY)
    assert np.array_equal(np.dstack([picture.array, picture.alpha]), np.asarray(expected))
    made = encode(
        picture.array,
        alpha=picture.alpha,
        is_grey=picture.is_grey,
        format=format,
        source_type=SourceType.ENHANCED,
    )
    result = Image.open(io.BytesIO(made.content))
    assert result.mode == ("LA" if kind == "grey with alpha" else "RGBA")
    assert np.array_equal(np.asarray(result.convert("RGBA")), np.asarray(expected))


@pytest.mark.parametrize("format", ["WEBP", "AVIF", "GIF"])
def test_transparency_of_other_formats_is_read(format):
    image = with_alpha("RGB", RAMP.point(lambda value: 255 if value > 100 else 0))
    options = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100}}.get(format, {})
    picture = decode(samples.save(image, format, **options), POLICY)
    expected = np.where(np.asarray(RAMP) > 100, 255, 0)
    assert np.abs(picture.alpha.astype(int) - expected).max() <= (3 if format == "AVIF" else 0)


@pytest.mark.parametrize("mode", ["1", "L", "P"])
@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP", "GIF"])
def test_grey_stays_grey(format, mode):
    grey = RAMP.convert("1") if mode == "1" else RAMP
    image = grey.convert("P") if mode == "P" else grey
    picture = decode(samples.save(image, format), POLICY)
    assert picture.is_grey
    assert np.array_equal(picture.array[..., 0], np.asarray(grey.convert("L")))
    assert np.array_equal(picture.array[..., 0], picture.array[..., 2])


def test_a_palette_of_colours_is_no_grey_picture():
    assert not decode(samples.save(samples.gradient().quantize(8)), POLICY).is_grey
