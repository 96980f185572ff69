"""Pictures as films: frames, pages, inks, transparency, turns, depth, and names that lie."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.images import deep_samples, samples
from tests.xray import canaries
from tests.xray.ingest import corpus


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


GREY = Image.fromarray(canaries.film(64, 48))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "BMP", "TIFF"])
def test_every_format_gives_the_same_film(take, format):
    options = {"quality": 100} if format == "JPEG" else {}
    film = take(saved(GREY, format, **options), "x.bin")
    assert film.source_format == format and film.bit_depth == 8
    assert film.colour_distance == 0
    assert np.abs(film.pixels - np.asarray(GREY) / 255).max() < (0.02 if format == "JPEG" else 1e-6)


def test_a_dicom_named_png_and_a_png_named_dcm_are_recognised(take):
    assert take(corpus.native_file(), "film.png").source_format == "DICOM"
    assert take(saved(GREY, "PNG"), "film.dcm").source_format == "PNG"
    assert take(saved(GREY, "TIFF"), "without").source_format == "TIFF"


def test_a_dicom_with_the_header_of_a_tiff_in_its_preamble_is_dicom(take):
    content = b"II*\0" + corpus.native_file()[4:]
    assert take(content, "film.tif").source_format == "DICOM"


def test_tiff_pages_and_gif_frames_give_the_first_with_a_warning(take):
    other = Image.fromarray(255 - np.asarray(GREY))
    for format in ("TIFF", "GIF"):
        film = take(saved(GREY, format, save_all=True, append_images=[other]))
        assert np.abs(film.pixels - np.asarray(GREY) / 255).max() < 1e-6
        assert "animated_first_frame_only" in film.warnings


def test_cmyk_is_converted_and_said_so(take):
    film = take(saved(GREY.convert("CMYK"), "JPEG", quality=100))
    assert "cmyk_converted" in film.warnings
    assert np.abs(film.pixels - np.asarray(GREY) / 255).mean() < 0.02


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_ends_upright(take, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # what undoes each turn, as Pillow counts
    turned = GREY.transpose(Image.Transpose(back[orientation])) if orientation > 1 else GREY
    film = take(saved(turned, "PNG", exif=exif))
    assert np.abs(film.pixels - np.asarray(GREY) / 255).max() < 1e-6


def test_transparency_lies_on_black(take):
    image = GREY.convert("LA")
    image.putalpha(Image.fromarray((np.arange(48)[None].repeat(64, 0) > 20).astype(np.uint8) * 255))
    film = take(saved(image, "PNG")).pixels
    assert (film[:, :21] == 0).all()
    assert np.abs(film[:, 21:] - np.asarray(GREY)[:, 21:] / 255).max() < 1e-6


def test_a_palette_of_greys_is_grey_and_one_of_colours_is_not(take):
    grey = take(saved(GREY.convert("P"), "GIF"))
    colour = take(saved(samples.gradient().quantize(16), "PNG"))
    assert grey.colour_distance == 0 and colour.colour_distance > 30


def test_black_and_white_is_read_as_two_tones(take):
    film = take(saved(GREY.convert("1"), "TIFF", compression="group4"))
    assert set(np.unique(film.pixels)) == {0.0, 1.0}


@pytest.mark.parametrize("write", [deep_samples.png16, deep_samples.tiff16])
def test_16_bits_keep_every_level(take, write):
    ramp = deep_samples.ramp("grey")
    film = take(write(ramp))
    assert film.bit_depth == 16
    assert np.abs(film.pixels - ramp.reshape(film.pixels.shape) / 65_535).max() < 1e-6


@pytest.mark.parametrize("bits", [10, 12, 15])
def test_12_bits_in_a_file_of_16_are_shown_over_their_own_range(take, bits):
    tones = corpus.stored(bits=bits).astype(np.uint16)
    film = take(deep_samples.png16(tones[..., None]))
    assert np.abs(film.pixels - tones / ((1 << bits) - 1)).max() < 1e-6
    assert "range_scaled" in film.warnings
    full = take(deep_samples.png16(corpus.stored(bits=16).astype(np.uint16)[..., None]))
    assert "range_scaled" not in full.warnings


def test_the_noise_of_a_jpeg_in_colour_is_little_and_a_photo_is_much(take):
    noisy = take(saved(GREY.convert("RGB"), "JPEG", quality=60))
    assert noisy.colour_distance < 3 < take(saved(samples.gradient(), "PNG")).colour_distance


def test_a_pixel_bomb_is_refused_from_its_header(refused, monkeypatch):
    monkeypatch.setattr("xray.ingest.raster.decode", None)
    assert refused(samples.png_with_header(60_000, 60_000)) == "pixel_limit"
    assert refused(samples.png_with_header(40_000, 8)) == "pixel_limit"
    assert refused(samples.png_with_header(8000, 5001)) == "pixel_limit"


def test_a_picture_cut_at_each_tenth_is_refused_with_a_code(refused):
    for format in ("PNG", "JPEG", "GIF", "BMP", "TIFF"):
        content = saved(GREY, format)
        codes = {refused(content[: len(content) * tenth // 10]) for tenth in range(1, 10)}
        assert codes <= {"truncated"}, format


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_an_image"),
        (b"hello, this is no film" * 20, "not_an_image"),
        (b"%PDF-1.7 and so on" * 20, "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
        (bytes(5000), "not_an_image"),
        (saved(samples.gradient(), "WEBP"), "unsupported_format"),
        (samples.heic("orientation-6"), "unsupported_format"),
        (saved(Image.fromarray(np.zeros((9, 9), np.float32)), "TIFF"), "unsupported_format"),
        (saved(GREY, "PNG") + b"<script>", "truncated"),
    ],
)
def test_what_is_no_film_is_named(refused, content, code):
    assert refused(content) == code


def test_more_bytes_than_the_kind_may_have_are_not_even_read(refused, settings, take):
    settings.XRAY_RASTER_MAX_BYTES = 10_000
    assert refused(saved(GREY, "PNG") + bytes(10_000)) == "too_large"
    large = corpus.native_file(bits=16, PatientComments="x" * 10_000)
    assert take(large).source_format == "DICOM"
    settings.XRAY_DICOM_MAX_BYTES = 10_000
    assert refused(large) == "too_large"
