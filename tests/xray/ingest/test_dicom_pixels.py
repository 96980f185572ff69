"""What a DICOM film means: every way of saying it against numpy, every syntax to the last level."""

from __future__ import annotations

from pathlib import Path

import gdcm
import numpy as np
import pydicom.data
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

from tests.xray.ingest import corpus
from xray.ingest.tones import DISPLAY_IGNORED

NATIVE = [
    ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
]  # fmt: skip
NEAR = 2e-6


def linear(values, centre, width):
    """PS3.3 C.11.2.1.2.1, word by word."""
    shown = np.empty(values.shape)
    low = values <= centre - 0.5 - (width - 1) / 2
    high = values > centre - 0.5 + (width - 1) / 2
    middle = ~low & ~high
    shown[low], shown[high] = 0, 1
    shown[middle] = (values[middle] - (centre - 0.5)) / (width - 1) + 0.5
    return shown


def spread(values):
    return (values - values.min()) / (values.max() - values.min())


@pytest.mark.parametrize("syntax", NATIVE, ids=lambda uid: uid.name)
@pytest.mark.parametrize("is_signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_every_native_syntax_keeps_every_level(take, syntax, is_signed, bits):
    pixels = corpus.stored(bits=bits, is_signed=is_signed)
    made = corpus.data_set(pixels, bits=bits, is_signed=is_signed)
    film = take(corpus.written(made, pixels, syntax=syntax))
    assert np.abs(film.pixels - spread(pixels)).max() < NEAR
    assert (film.pixels.dtype, film.bit_depth) == (np.float32, 8 if bits == 8 else 16)


@pytest.mark.parametrize("syntax", NATIVE[:3], ids=lambda uid: uid.name)
def test_16_bit_signed_rescaled_windowed_and_padded_pixels_match_the_reference(take, syntax):
    pixels = corpus.stored(bits=16, is_signed=True)
    pixels[:4] = -32_768
    made = corpus.data_set(
        pixels, bits=16, is_signed=True, RescaleSlope="0.25", RescaleIntercept="-1000",
        WindowCenter=["-1200.5", "40"], WindowWidth=["4000", "80"],
    )  # fmt: skip
    made.add_new(0x00280120, "SS", -32_768)
    expected = linear(pixels * 0.25 - 1000, -1200.5, 4000)
    assert 0.2 < expected.mean() < 0.8
    expected[:4] = 0
    film = take(corpus.written(made, pixels, syntax=syntax))
    assert np.abs(film.pixels - expected).max() < 1e-5
    assert film.bit_depth == 16 and DISPLAY_IGNORED not in film.warnings


@pytest.mark.parametrize("function", ["LINEAR_EXACT", "SIGMOID"])
def test_other_functions_of_a_window_match_the_reference(take, function):
    pixels = corpus.stored()
    made = corpus.data_set(pixels, WindowCenter="1500", WindowWidth="1800", VOILUTFunction=function)
    exact = np.clip((pixels - 1500) / 1800 + 0.5, 0, 1)
    expected = (
        exact if function == "LINEAR_EXACT" else 1 / (1 + np.exp(-4 * (pixels - 1500) / 1800))
    )
    assert np.abs(take(corpus.written(made, pixels)).pixels - expected).max() < NEAR


def test_a_window_of_one_is_a_threshold(take):
    pixels = corpus.stored()
    made = corpus.data_set(pixels, WindowCenter="2000", WindowWidth="1")
    assert np.array_equal(take(corpus.written(made, pixels)).pixels, (pixels > 1999.5) * 1.0)


@pytest.mark.parametrize("first", [0, 100, -1000])
@pytest.mark.parametrize("syntax", NATIVE[:3], ids=lambda uid: uid.name)
def test_a_voi_table_wins_over_a_window_and_ends_hold(take, first, syntax):
    pixels = corpus.stored()
    entries = [(65_535 - 16 * n) for n in range(3000)]
    made = corpus.data_set(
        pixels, WindowCenter="100", WindowWidth="50", RescaleIntercept=str(min(first, 0)),
        RescaleSlope="1", VOILUTSequence=[corpus.table(first, entries)],
    )  # fmt: skip
    values = pixels + min(first, 0)
    expected = np.array(entries)[np.clip(values - first, 0, 2999)] / 65_535
    assert np.abs(take(corpus.written(made, pixels, syntax=syntax)).pixels - expected).max() < NEAR


def test_a_modality_table_comes_before_the_window(take):
    pixels = corpus.stored(bits=8)
    entries = [(n * n) for n in range(256)]
    made = corpus.data_set(
        pixels, bits=8, ModalityLUTSequence=[corpus.table(0, entries)], WindowCenter="30000",
        WindowWidth="50000",
    )  # fmt: skip
    film = take(corpus.written(made, pixels))
    assert np.abs(film.pixels - linear((pixels**2) * 1.0, 30_000, 50_000)).max() < NEAR
    assert film.bit_depth == 16


@pytest.mark.parametrize("more", [{}, {"WindowCenter": "1000", "WindowWidth": "900"}])
def test_monochrome1_is_turned_once_and_padding_stays_black(take, more):
    pixels = corpus.stored()
    pixels[:5] = 0
    made = corpus.data_set(
        pixels, PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=0, **more
    )
    rest = pixels[pixels != 0]
    plain = linear(pixels, 1000, 900) if more else (pixels - rest.min()) / np.ptp(rest)
    expected = np.where(pixels == 0, 0, 1 - plain)
    assert np.abs(take(corpus.written(made, pixels)).pixels - expected).max() < NEAR


def test_a_range_of_padding_is_black(take):
    pixels = corpus.stored()
    made = corpus.data_set(pixels, PixelPaddingValue=3000, PixelPaddingRangeLimit=4095)
    film = take(corpus.written(made, pixels)).pixels
    assert (film[pixels >= 3000] == 0).all() and film[pixels < 3000].max() == 1


def test_overlays_in_unused_bits_do_not_show(take):
    pixels = corpus.stored()
    overlaid = pixels | np.where(np.arange(30) % 2, 0xF000, 0)
    made = corpus.data_set(pixels)
    assert np.array_equal(
        take(corpus.written(made, overlaid)).pixels,
        take(corpus.written(corpus.data_set(pixels), pixels)).pixels,
    )


def test_values_in_the_upper_bits_are_found(take):
    pixels = corpus.stored()
    made = corpus.data_set(pixels, HighBit=15)
    film = take(corpus.written(made, pixels << 4)).pixels
    assert np.abs(film - spread(pixels)).max() < NEAR


@pytest.mark.parametrize(
    "more",
    [
        {"WindowCenter": "40", "WindowWidth": "0"},
        {"WindowCenter": "1e12", "WindowWidth": "1e12"},
        {"WindowCenter": "40", "WindowWidth": "80", "VOILUTFunction": "CURVE"},
        {"RescaleSlope": "0", "RescaleIntercept": "5"},
    ],
)
def test_figures_that_make_no_sense_are_passed_over_and_said_so(take, more):
    pixels = corpus.stored()
    film = take(corpus.written(corpus.data_set(pixels, **more), pixels))
    assert np.abs(film.pixels - spread(pixels)).max() < NEAR
    assert DISPLAY_IGNORED in film.warnings


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless], ids=lambda uid: uid.name)
def test_rle_and_jpeg_ls_keep_every_level(take, syntax, bits):
    film = take(corpus.by_pydicom(corpus.native_file(bits=bits), syntax))
    assert np.abs(film.pixels - spread(corpus.stored(bits=bits))).max() < NEAR


@pytest.mark.parametrize("bits", [8, 16])
def test_jpeg_2000_keeps_every_level(take, bits):
    pixels = corpus.stored(bits=bits)
    made = corpus.data_set(pixels, bits=bits)
    content = corpus.encapsulated(made, corpus.jpeg_2000(pixels), corpus.JPEG2000Lossless)
    assert np.abs(take(content).pixels - spread(pixels)).max() < NEAR


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize(
    "kind", [gdcm.TransferSyntax.JPEGLosslessProcess14, gdcm.TransferSyntax.JPEGLosslessProcess14_1]
)
def test_jpeg_lossless_keeps_every_level(take, tmp_path, kind, bits):
    content = corpus.by_gdcm(corpus.native_file(bits=bits), kind, tmp_path)
    assert np.abs(take(content).pixels - spread(corpus.stored(bits=bits))).max() < NEAR


def test_signed_values_survive_jpeg_lossless(take, tmp_path):
    pixels = corpus.stored(is_signed=True)
    plain = corpus.written(corpus.data_set(pixels, is_signed=True), pixels)
    kind = gdcm.TransferSyntax.JPEGLosslessProcess14_1
    film = take(corpus.by_gdcm(plain, kind, tmp_path)).pixels
    assert np.abs(film - spread(pixels)).max() < NEAR


def test_jpeg_baseline_is_close_and_may_lie_in_several_fragments(take):
    pixels = corpus.stored(bits=8)
    stream = corpus.jpeg(pixels)
    made = corpus.data_set(pixels, bits=8)
    whole = take(corpus.encapsulated(made, stream, corpus.JPEGBaseline8Bit)).pixels
    made = corpus.data_set(pixels, bits=8)
    parts = take(
        corpus.encapsulated(made, [stream[:301], stream[301:]], corpus.JPEGBaseline8Bit)
    ).pixels
    assert np.abs(whole - pixels / 255).mean() < 0.02
    assert np.array_equal(whole, parts)


def test_jpeg_extended_with_12_bits_gives_the_known_values():
    """Of a file in pydicom's own collection, whose values other decoders agree on."""
    from xray.ingest.dataset import read_data_set
    from xray.ingest.decoding import stored_values
    from xray.ingest.geometry import geometry_of

    content = Path(pydicom.data.get_testdata_file("JPEG-lossy.dcm")).read_bytes()
    data = read_data_set(content, most_inflated=10**8)
    values = stored_values(data, geometry_of(data))
    assert (values[420, 140], values[230, 120]) == (244, 95)


def test_a_colour_film_becomes_grey_and_says_how_colourful_it_was(take):
    red = np.zeros((20, 30, 3), np.uint8)
    red[..., 0] = 200
    made = corpus.data_set(np.zeros((20, 30), np.int32), bits=8, SamplesPerPixel=3)
    made.PhotometricInterpretation, made.PlanarConfiguration = "RGB", 0
    film = take(corpus.written(made, red))
    assert np.allclose(film.pixels, 0.299 * 200 / 255, atol=1e-5)
    assert film.colour_distance == pytest.approx(200)


def test_native_ybr_becomes_the_grey_that_it_was(take):
    tones = corpus.stored(bits=8)
    made = corpus.data_set(tones, bits=8, SamplesPerPixel=3)
    made.PhotometricInterpretation, made.PlanarConfiguration = "YBR_FULL", 0
    colour = np.stack([tones, np.full_like(tones, 128), np.full_like(tones, 128)], -1)
    film = take(corpus.written(made, colour))
    assert np.abs(film.pixels - tones / 255).max() < 1e-6 and film.colour_distance == 0


def test_numbers_that_overflow_leave_no_hole_in_the_film(take):
    pixels = corpus.stored()
    made = corpus.data_set(
        pixels,
        RescaleSlope="9e8",
        RescaleIntercept="-9e8",
        VOILUTSequence=[corpus.table(0, [0, 65_535])],
    )
    film = take(corpus.written(made, pixels)).pixels
    assert np.isfinite(film).all() and film.min() == 0 and film.max() == 1


def test_planes_and_pixels_of_colour_give_the_same_film(take):
    tones = corpus.stored(bits=8)
    colour = np.stack([tones, tones[::-1], tones], -1)
    films = []
    for planar, laid in ((0, colour), (1, colour.transpose(2, 0, 1))):
        made = corpus.data_set(colour[..., 0], bits=8, SamplesPerPixel=3)
        made.PhotometricInterpretation, made.PlanarConfiguration = "RGB", planar
        films.append(take(corpus.written(made, laid)).pixels)
    assert np.array_equal(*films) and np.ptp(films[0]) > 0.1
