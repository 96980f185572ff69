"""Small files that ask for minutes of work, or for memory, before anything is decoded.

Each case took seconds to minutes, or ended in a server error, before the header readers counted.
"""

from __future__ import annotations

import io
import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image

from project.images.colour import srgb_profile
from project.images.containers import tiff_directory
from project.images.containers.png import SIGNATURE
from project.images.errors import UploadRefused
from project.images.exif import kept_exif, read_exif
from project.images.inspection import inspect
from project.images.intake import prepare_upload
from project.images.loading import load
from project.images.policy import Metadata, Policy

POLICY = Policy(
    extensions=("png", "jpg", "tif", "avif"),
    max_bytes=50_000_000,
    keep=frozenset({Metadata.ICC, Metadata.EXIF}),
    first_frame_only=True,
)
# Calls of functions, which a loop over the parts of a file cannot do without. Seconds would
# depend on the machine; the readers as they are need at most a third of this.
MOST_CALLS = 5_000_000
_BIG = 1 << 20


class TooManyCalls(Exception):
    """The reader would go on for minutes."""


@contextmanager
def bounded_calls(most: int = MOST_CALLS) -> Iterator[list[int]]:
    """Raise TooManyCalls inside the block as soon as it has called more than `most` functions."""
    made = [0]

    def count(frame: object, event: str, given: object) -> None:
        made[0] += event in ("call", "c_call")
        if made[0] > most:
            sys.setprofile(None)
            raise TooManyCalls

    sys.setprofile(count)
    try:
        yield made
    finally:
        sys.setprofile(None)


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, body: bytes, version: int = 0) -> bytes:
    return _box(kind, bytes([version, 0, 0, 0]) + body)


def _avif(*boxes: bytes, content: bytes = b"") -> bytes:
    """A file type, a meta box with a picture of 8 x 8 and `boxes`, and content."""
    side = _full(b"ispe", struct.pack(">II", 8, 8))
    meta = _full(b"meta", _box(b"iprp", _box(b"ipco", side)) + b"".join(boxes))
    return _box(b"ftyp", b"avif\0\0\0\0avifmif1") + meta + _box(b"mdat", content)


def _avif_item(kind: bytes, content: bytes) -> bytes:
    """One item of `kind` that holds `content`."""
    entry = _full(b"infe", struct.pack(">HH4s", 1, 0, kind) + b"\0", version=2)
    listed = _full(b"iinf", struct.pack(">H", 1) + entry)

    def file(start: int) -> bytes:
        where = struct.pack(">HHHHHII", 0x4400, 1, 1, 0, 1, start, len(content))
        return _avif(_full(b"iloc", where), listed, content=content)

    return file(len(file(0)) - len(content))


def _extents_that_take_no_bytes() -> bytes:
    """65,535 extents for each of 10,000 items: 650 million turns of a loop in 100 kB."""

    def file(base: int) -> bytes:
        items = b"".join(struct.pack(">HHIH", n, 0, base, 65_535) for n in range(10_000))
        return _avif(_full(b"iloc", struct.pack(">HH", 0x0040, 10_000) + items))

    return file(len(file(0)))


def _tiff(pages: int, extra: Sequence[tuple[int, int]]) -> bytes:
    """Pages whose fields in `extra` (tag, value) all share one array of a million values."""
    plain = [
        (256, 3, 1, 8), (257, 3, 1, 8), (258, 3, 1, 8), (262, 3, 1, 1),
        (273, 4, 1, 8), (277, 3, 1, 1), (279, 4, 1, 64),
    ]  # fmt: skip
    first, fields = 8 + 4 * _BIG, sorted([*plain, *((tag, 4, _BIG, 8) for tag, _ in extra)])
    size = 2 + 12 * len(fields) + 4
    table = struct.pack("<H", len(fields)) + b"".join(struct.pack("<HHII", *f) for f in fields)
    starts = [first + size * (page + 1) for page in range(pages - 1)] + [0]
    chain = b"".join(table + struct.pack("<I", start) for start in starts)
    values = struct.pack("<I", extra[0][1] or first) * _BIG
    return b"II*\0" + struct.pack("<I", first) + values + chain


def _png_of_empty_chunks() -> bytes:
    def chunk(kind: bytes, body: bytes = b"") -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + checksum

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
    return SIGNATURE + header + chunk(b"juNk") * 2_000_000 + chunk(b"IEND")


_JPEG_FRAME = b"\xff\xd8\xff\xc0\x00\x0b\x08\0\x08\0\x08\x01\x01\x11\0"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(_extents_that_take_no_bytes, id="avif-extents"),
        pytest.param(lambda: _avif_item(b"av01", b"\x12\0" * 8_000_000), id="avif-units"),
        pytest.param(
            lambda: _JPEG_FRAME + b"\xff\xe5\0\2" * 8_000_000 + b"\xff\xd9", id="jpeg-segments"
        ),
        pytest.param(_png_of_empty_chunks, id="png-chunks"),
    ],
)
def test_a_small_file_does_not_buy_minutes_of_header_reading(make: Callable[[], bytes]) -> None:
    data = make()
    with bounded_calls():
        try:
            inspect(data, POLICY)
        except UploadRefused as refused:
            assert refused.code == "corrupt_image"


class CountingStruct:
    """The module `struct`, adding up how many values it has unpacked."""

    def __init__(self) -> None:
        self.values = 0

    def unpack(self, format: str, data: bytes) -> tuple[int, ...]:
        found = struct.unpack(format, data)
        self.values += len(found)
        return found

    def unpack_from(self, format: str, data: bytes, offset: int = 0) -> tuple[int, ...]:
        found = struct.unpack_from(format, data, offset)
        self.values += len(found)
        return found


@pytest.mark.parametrize(
    ("pages", "fields"),
    [
        pytest.param(20, [(34_665, 0), (34_853, 0), (40_965, 0)], id="children"),
        pytest.param(900, [(254, 0x7FFF_FFFF)], id="pages"),
    ],
)
def test_pages_that_share_a_million_values_are_not_unpacked_each(
    monkeypatch: pytest.MonkeyPatch, pages: int, fields: list[tuple[int, int]]
) -> None:
    counting = CountingStruct()
    monkeypatch.setattr(tiff_directory, "struct", counting)
    inspect(_tiff(pages, fields), POLICY)
    assert 0 < counting.values < _BIG


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            _avif(_full(b"iinf", struct.pack(">H", 1) + _box(b"infe", b"")))[:-8], id="infe"
        ),
        pytest.param(_avif(_box(b"iinf", b""))[:-8], id="iinf"),
        pytest.param(_avif_item(b"grid", b"\0"), id="grid"),
    ],
)
def test_an_empty_box_is_a_damaged_picture_and_no_server_error(data: bytes) -> None:
    with pytest.raises(UploadRefused) as refused:
        inspect(data, POLICY)
    assert refused.value.code == "corrupt_image"


@pytest.mark.parametrize("layout", [(0, ">HH"), (1, ">II")])
def test_the_canvas_of_a_grid_counts(layout: tuple[int, str]) -> None:
    """The announced picture is 8 x 8, the decoder would allocate the canvas."""
    flags, sides = layout
    canvas = bytes([0, flags, 99, 99]) + struct.pack(sides, 16_000, 11_000)
    with pytest.raises(UploadRefused) as refused:
        inspect(_avif_item(b"grid", canvas), POLICY)
    assert refused.value.code == "side_too_long"


def test_metadata_hidden_among_the_tags_of_the_photo_go() -> None:
    """XMP, IPTC, Photoshop's block and a place where no program looks for them first."""
    place = b"<x:xmpmeta><exif:GPSLatitude>47,22.5N</exif:GPSLatitude></x:xmpmeta>"
    exif = Image.Exif()
    hidden = {700: place, 33_723: place, 34_377: place, 330: place, 50_740: place}
    exif[ExifTags.IFD.Exif] = {0x9003: "2026:01:01 00:00:00", **hidden}
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", exif=exif.tobytes())
    with Image.open(buffer) as opened:
        block, _ = kept_exif(opened.getexif(), POLICY)
    assert block is not None
    assert b"GPSLatitude" not in block
    assert read_exif(block).get_ifd(ExifTags.IFD.Exif) == {0x9003: "2026:01:01 00:00:00"}


@pytest.mark.parametrize("extra_bytes", [500_000, 1_500_000])
def test_what_is_stored_of_a_large_profile_is_readable_again(extra_bytes: int) -> None:
    """Beyond a megabyte Pillow refuses its own PNG: the pixels become sRGB instead."""
    profile = bytearray(srgb_profile()) + bytes(extra_bytes)
    profile[:4] = struct.pack(">I", len(profile))
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 10, 10)).save(buffer, "JPEG", icc_profile=bytes(profile))
    lossless = replace(POLICY, lossless=True)
    prepared = prepare_upload(SimpleUploadedFile("a.jpg", buffer.getvalue()), lossless)
    again = load(prepared.encoded.content, lossless)
    assert again.warnings == ()
    assert (again.icc is not None) == (extra_bytes < 1_000_000)
