"""The walk over a data set agrees with pydicom on what lies where, in files of many writers."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pydicom.data
import pydicom.datadict
import pytest

from xray.ingest.codestream import Announced, announced
from xray.ingest.dataset import fragments, looks_like_data_set, read_data_set
from xray.ingest.tags import WANTED, Tag
from xray.ingest.walk import Damaged, TooMuch

NAMES = [
    "693_J2KI.dcm", "CT_small.dcm", "ExplVR_BigEnd.dcm", "JPEG2000.dcm", "JPGExtended.dcm",
    "MR_small_RLE.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm", "SC_rgb_jpeg.dcm",
    "SC_rgb_jls_lossy_line.dcm", "SC_rgb_small_odd_big_endian.dcm", "UN_sequence.dcm",
    "examples_overlay.dcm", "examples_palette.dcm", "image_dfl.dcm", "nested_priv_SQ.dcm",
    "priv_SQ.dcm", "reportsi.dcm", "rtplan.dcm", "rtstruct.dcm", "waveform_ecg.dcm",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_walk_finds_what_pydicom_finds(name):
    path = pydicom.data.get_testdata_file(name)
    theirs = pydicom.dcmread(path, force=True)
    ours = read_data_set(Path(path).read_bytes(), most_inflated=10**8)
    assert set(ours.elements) == {int(tag) for tag in theirs.keys()} & WANTED  # noqa: SIM118
    for tag, element in ours.elements.items():
        raw = theirs.get_item(tag)
        if tag in (Tag.MODALITY_LUT, Tag.VOI_LUT):
            continue
        if tag == Tag.PIXELS and ours.is_encapsulated:
            frames = pydicom.encaps.generate_frames(raw.value, number_of_frames=1)
            assert next(frames).rstrip(b"\0") == b"".join(fragments(element.value)).rstrip(b"\0")
        elif isinstance(raw.value, bytes):
            assert bytes(element.value) == raw.value


def test_nothing_but_what_is_wanted_is_held():
    content = Path(pydicom.data.get_testdata_file("CT_small.dcm")).read_bytes()
    held = read_data_set(content, most_inflated=10**8).elements
    assert held.keys() <= WANTED
    assert 0x0010_0010 not in held and len(held) > 10


def test_of_what_people_write_as_they_like_only_the_number_of_the_patient_is_read():
    free = {"AE", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UN", "UR", "UT"}
    read = [tag for tag in WANTED if pydicom.datadict.dictionary_VR(tag) in free]
    assert read == [Tag.PATIENT_ID]


@pytest.mark.parametrize("content", [b"", b"\x08\x00", b"\x08\x00\x05\x00CS\xff\xff", bytes(200)])
def test_a_stub_is_damage_and_no_data_set(content):
    assert not looks_like_data_set(content)
    with pytest.raises((Damaged, TooMuch)):
        read_data_set(content, most_inflated=100)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("JPEG2000.dcm", Announced(1024, 256, 1, 16)),
        ("JPEG-lossy.dcm", Announced(1024, 256, 1, 12)),
        ("SC_rgb_jpeg_dcmtk.dcm", Announced(100, 100, 3, 8)),
        ("MR_small_jpeg_ls_lossless.dcm", Announced(64, 64, 1, 16)),
        ("693_J2KI.dcm", Announced(512, 512, 1, 16)),
    ],
)
def test_the_size_of_a_stream_is_read_from_its_header(name, expected):
    path = pydicom.data.get_testdata_file(name)
    data = read_data_set(Path(path).read_bytes(), most_inflated=10**8)
    stream = b"".join(fragments(data.elements[Tag.PIXELS].value))
    assert announced(memoryview(stream)) == expected
    for length in range(0, 40, 3):
        assert announced(memoryview(stream[:length])) in (None, expected)
