"""Nothing personal passes the door: not in what it returns, the log, a warning or an error."""

from __future__ import annotations

import logging
import traceback
import warnings

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pydicom.uid import JPEGLSLossless, RLELossless

from project.images.errors import UploadRefused
from project.settings.logs import logging_config
from tests.xray import canaries
from tests.xray.ingest import corpus
from xray.ingest.receive import receive
from xray.ingest.working_copy import encode_film

SENT = {
    f"{canaries.FILE_NAME}.dcm": canaries.dicom,
    f"{canaries.FILE_NAME}.rle": lambda: corpus.by_pydicom(canaries.dicom(), RLELossless),
    f"{canaries.FILE_NAME}.jls": lambda: corpus.by_pydicom(canaries.dicom(), JPEGLSLossless),
    **{name: (lambda name=name: canaries.rasters()[name]) for name in canaries.rasters()},
}
BROKEN = {
    "an age": {"PatientAge": "KANA"},
    "a window": {"WindowCenter": "1", "WindowWidth": "0", "VOILUTFunction": "KANARI"},
    "frames": {"NumberOfFrames": "19471123"},
    "a photometric": {"PhotometricInterpretation": "KANARI"},
    "a size": {"Rows": 20},
    "a character set": {"SpecificCharacterSet": "KANARI"},
}


@pytest.fixture
def overheard(caplog, capfd, recwarn, monkeypatch):
    """Everything said with OMNILENS_LOG_LEVEL=DEBUG, on either stream, or as a warning."""
    # A handler that another test left behind would print the source lines of this one.
    monkeypatch.setattr(logging, "raiseExceptions", False)
    caplog.set_level(logging.DEBUG)
    for name in ("pydicom", "gdcm", "xray", "project"):
        caplog.set_level(logging.DEBUG, logger=name)
    configured = logging_config(level="DEBUG", file=None, as_json=False)["loggers"]
    for name, logger in configured.items():
        if "level" in logger:
            caplog.set_level(logger["level"], logger=name)
    warnings.simplefilter("always")

    def said() -> str:
        out, err = capfd.readouterr()
        records = [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]
        return "\n".join([*records, out, err, *(str(w.message) for w in recwarn.list)])

    return said


def made(make):
    """A film, made without a word: pydicom logs what it writes, and that is not what is tested."""
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return make()
    finally:
        logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", SENT)
def test_no_canary_passes_the_door(name, overheard):
    content = made(SENT[name])
    assert canaries.find_canaries(content)
    film = receive(SimpleUploadedFile(name, content), patient_key="KANARI-key")
    rest = {key: value for key, value in vars(film).items() if key != "pixels"}
    assert canaries.find_canaries(repr(rest)) == set()
    for bit_depth in (8, 16):
        copy = encode_film(film.pixels, bit_depth=bit_depth)
        assert canaries.find_canaries(copy) == set()
    assert canaries.find_canaries(overheard()) == set()


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_tells_nothing_either(name, overheard):
    content = made(lambda: canaries.dicom(**BROKEN[name]))
    overheard()
    try:
        film = receive(SimpleUploadedFile(f"{canaries.FILE_NAME}.dcm", content))
    except UploadRefused as refusal:
        told = "".join(traceback.format_exception(refusal)) + repr(vars(refusal))
    else:
        told = repr({key: value for key, value in vars(film).items() if key != "pixels"})
    assert canaries.find_canaries(told) == set()
    assert canaries.find_canaries(overheard()) == set()


def test_private_tags_and_nested_sequences_are_dropped(take):
    from xray.ingest.dataset import read_data_set
    from xray.ingest.tags import WANTED

    held = read_data_set(canaries.dicom(), most_inflated=10**8).elements
    assert held.keys() <= WANTED
    assert not any(tag >> 16 & 1 for tag in held)
    assert 0x0040_0275 not in held


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_cut_file_tells_nothing(tenth, overheard):
    content = made(canaries.dicom)
    with pytest.raises(UploadRefused) as caught:
        receive(SimpleUploadedFile(canaries.FILE_NAME, content[: len(content) * tenth // 10]))
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.extra)
    assert canaries.find_canaries(told) == set()
    assert canaries.find_canaries(overheard()) == set()
