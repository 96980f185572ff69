"""A DICOM file that cannot be used is refused with a code, whatever is wrong with it."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from tests.xray.ingest import corpus
from xray.ingest import walk
from xray.ingest.sniff import kind_of

FILES = {
    "explicit": corpus.native_file,
    "implicit": lambda: corpus.native_file(syntax=ImplicitVRLittleEndian),
    "big endian": lambda: corpus.native_file(syntax=ExplicitVRBigEndian),
    "deflated": lambda: corpus.native_file(syntax=DeflatedExplicitVRLittleEndian),
    "rle": lambda: corpus.by_pydicom(corpus.native_file(), RLELossless),
    "jpeg": corpus.jpeg_file,
    "jpeg-ls": lambda: corpus.by_pydicom(corpus.native_file(), JPEGLSLossless),
    "jpeg 2000": corpus.jpeg_2000_file,
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_at_each_tenth_is_refused_with_a_code(refused, name):
    content = FILES[name]()
    codes = {refused(content[: len(content) * tenth // 10]) for tenth in range(1, 10)}
    # Cut before the signature it is nothing at all, cut in the header it is damaged.
    assert codes <= {"truncated", "not_an_image"}
    assert refused(content[: len(content) - 2]) == "truncated"


def test_a_file_that_ends_before_its_pixels_holds_no_picture(refused):
    content = corpus.native_file()
    assert refused(content[: content.index(b"\xe0\x7f\x10\x00")]) == "no_pixel_data"


def test_a_report_holds_no_picture(refused):
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = UID("1.2.840.10008.5.1.4.1.1.88.11"), UID("1.2.3")
    made.Modality = "SR"
    content = corpus._file(made, ExplicitVRLittleEndian)
    assert refused(content) == "no_pixel_data"


@pytest.mark.parametrize("frames", ["2", "500", "0"])
def test_several_frames_are_refused(refused, frames):
    assert refused(corpus.native_file(NumberOfFrames=frames)) == "multi_frame"


def test_one_frame_that_says_so_is_taken(take):
    assert take(corpus.native_file(NumberOfFrames="1")).pixels.shape == (40, 30)


@pytest.mark.parametrize(("rows", "columns"), [(41, 30), (40, 29), (80, 60), (4000, 3000)])
def test_native_pixels_of_another_length_than_announced_are_refused(refused, rows, columns):
    assert refused(corpus.native_file(Rows=rows, Columns=columns)) == "truncated"


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEG2000Lossless, JPEGLSLossless])
@pytest.mark.parametrize(("rows", "columns"), [(41, 30), (4000, 3000)])
def test_a_compressed_picture_of_another_size_never_reaches_a_decoder(
    refused, monkeypatch, syntax, rows, columns
):
    pixels = corpus.stored(bits=8)
    stream = {
        JPEGBaseline8Bit: corpus.jpeg,
        JPEG2000Lossless: corpus.jpeg_2000,
        JPEGLSLossless: lambda _: b"\xff\xd8\xff\xf7\0\x0b\x08\0\x28\0\x1e\x01\x01\x11\0\xff\xd9",
    }[syntax](pixels)
    content = corpus.encapsulated(
        corpus.data_set(pixels, bits=8, Rows=rows, Columns=columns), stream, syntax
    )
    for decoder in ("_by_child", "_plain_jpeg"):
        monkeypatch.setattr(f"xray.ingest.decoding.{decoder}", None)
    assert refused(content) == "truncated"


def test_a_bomb_is_refused_by_its_header(refused, monkeypatch):
    monkeypatch.setattr("xray.ingest.dicom.decode_dicom", None)
    assert refused(corpus.native_file(Rows=60_000, Columns=60_000)) == "pixel_limit"
    huge = corpus.encapsulated(
        corpus.data_set(corpus.stored(bits=8), bits=8, Rows=10_000, Columns=6_001),
        b"\xff\xd8\xff\xd9",
        JPEGBaseline8Bit,
    )
    assert refused(huge) == "pixel_limit"


def test_what_inflates_to_more_than_any_film_is_refused_unread(refused, settings):
    settings.XRAY_DICOM_MEGAPIXELS = 1
    made = corpus.data_set(corpus.stored())
    small = corpus.written(made, corpus.stored(), syntax=DeflatedExplicitVRLittleEndian)
    start = small.index(b"1.2.840.10008.1.2.1.99") + 22
    pack = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = struct.pack("<HH2sH", 8, 8, b"OB", 0) + struct.pack("<L", 40_000_000) + bytes(40_000_000)
    packed = pack.compress(body) + pack.flush()
    assert len(packed) < 50_000
    assert refused(small[:start] + packed) == "too_large"


def test_nests_and_crowds_of_elements_end_in_a_refusal(refused, monkeypatch):
    content = corpus.native_file()
    at = content.index(b"\x28\x00\x02\x00US")
    opened = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    assert refused(content[:at] + opened * 5000 + content[at:]) == "too_large"
    monkeypatch.setattr(walk, "MOST_ELEMENTS", 1000)
    crowd = struct.pack("<HH2sH", 9, 0x1000, b"LO", 0) * 2000
    assert refused(content[:at] + crowd + content[at:]) == "too_large"


@pytest.mark.parametrize(
    "uid", ["1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.110", "1.2.3"]
)  # fmt: skip
def test_a_syntax_without_a_decoder_is_named(refused, uid):
    content, known = corpus.jpeg_file(), b"1.2.840.10008.1.2.4.50"
    length = struct.pack("<H", 22)
    named = uid.encode().ljust(24, b"\0")
    changed = content.replace(length + known, struct.pack("<H", 24) + named, 1)
    assert changed != content and refused(changed) == "unsupported_transfer_syntax"


@pytest.mark.parametrize(
    "more",
    [
        {"BitsAllocated": 32, "BitsStored": 32, "HighBit": 31},
        {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0},
        {"PhotometricInterpretation": "PALETTE COLOR"},
        {"PhotometricInterpretation": "HSV"},
        {"SamplesPerPixel": 4},
    ],
)
def test_pixels_of_another_kind_are_named(refused, more):
    pixels = corpus.stored()
    made = corpus.data_set(pixels)
    content = corpus.written(made, pixels)
    for keyword, value in more.items():
        content = _patched(content, made[keyword], value)
    assert refused(content) == "unsupported_format"


@pytest.mark.parametrize("more", [{"BitsStored": 20}, {"BitsStored": 12, "HighBit": 3}])
def test_bits_that_do_not_fit_are_damage(refused, more):
    made, pixels = corpus.data_set(corpus.stored(), **more), corpus.stored()
    assert refused(corpus.written(made, pixels)) == "truncated"


@pytest.mark.parametrize("name", ["explicit", "implicit", "big endian"])
def test_a_data_set_without_preamble_is_recognised_and_the_same_film(take, name):
    syntax = {
        "explicit": ExplicitVRLittleEndian,
        "implicit": ImplicitVRLittleEndian,
        "big endian": ExplicitVRBigEndian,
    }[name]
    pixels = corpus.stored()
    bare = corpus.written(corpus.data_set(pixels), pixels, syntax=syntax, has_preamble=False)
    assert b"DICM" not in bare and kind_of(bare) == "DICOM"
    film = take(bare, "picture.png")
    assert (film.source_format, film.pixels.shape) == ("DICOM", (40, 30))
    assert np.array_equal(film.pixels, take(FILES[name]()).pixels)


def test_a_broken_stream_inside_a_sound_file_is_damage(refused):
    for make, syntax in ((corpus.jpeg, JPEGBaseline8Bit), (corpus.jpeg_2000, JPEG2000Lossless)):
        pixels = corpus.stored(bits=8)
        stream = bytearray(make(pixels))
        del stream[len(stream) // 2 :]
        made = corpus.data_set(pixels, bits=8)
        assert refused(corpus.encapsulated(made, bytes(stream), syntax)) == "truncated"


def test_native_pixels_under_the_name_of_a_compressed_syntax_are_damage(refused):
    content = corpus.native_file(bits=8)
    plain, jpeg = b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.4.50"
    changed = content.replace(plain, jpeg).replace(
        b"\x10\x00UI\x14\x00" + jpeg, b"\x10\x00UI\x16\x00" + jpeg
    )
    assert refused(changed) == "truncated"


def _patched(content: bytes, element: object, value: object) -> bytes:
    """The file with one short value replaced, its length kept."""
    tag = struct.pack("<HH", element.tag.group, element.tag.element)
    at = content.index(tag + element.VR.encode()) + 8
    raw = struct.pack("<H", value) if isinstance(value, int) else value.encode().ljust(12)
    if element.VR == "CS":
        old = struct.unpack_from("<H", content, at - 2)[0]
        raw = raw.ljust(14 if len(raw) > 12 else 12)
        return content[: at - 2] + struct.pack("<H", len(raw)) + raw + content[at + old :]
    return content[:at] + raw + content[at + len(raw) :]
