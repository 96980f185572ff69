"""Decoders of compressed films run apart: what happens to them happens to nobody else."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydicom.uid import RLELossless

from project.images.errors import TooBusy
from tests.xray import canaries
from tests.xray.ingest import corpus
from xray.ingest import decoding


@pytest.fixture
def rle() -> bytes:
    return corpus.by_pydicom(canaries.dicom(canaries.film(40, 30)), RLELossless)


@pytest.mark.parametrize(
    "does",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "raise SystemExit(3)",
        "pass",
        "print('KANARI')",
        "print('[1]')",
        'print(\'{"shape": [40, 30], "dtype": "O"}\')',
        'print(\'{"shape": [40, 30], "dtype": "|u1"}\')',
        'print(\'{"shape": [1, 1], "dtype": "|u1"}\'); print()',
    ],
)
def test_a_decoder_that_dies_or_answers_nonsense_is_a_damaged_film(
    refused, rle, tmp_path, monkeypatch, does
):
    child = tmp_path / "child.py"
    child.write_text(f"import sys; sys.stdin.buffer.read(); {does}")
    monkeypatch.setattr(decoding, "_CHILD", child)
    assert refused(rle) == "truncated"


def test_a_decoder_that_does_not_end_is_ended(refused, rle, tmp_path, monkeypatch):
    child = tmp_path / "child.py"
    child.write_text("import time; time.sleep(600)")
    monkeypatch.setattr(decoding, "_CHILD", child)
    monkeypatch.setattr(decoding, "TIMEOUT_SECONDS", 0.2)
    assert refused(rle) == "truncated"


def test_a_decoder_sees_no_secret_of_ours(take, rle, tmp_path, monkeypatch):
    child = tmp_path / "child.py"
    child.write_text(
        "import os, sys; sys.stdin.buffer.read();"
        "assert 'OMNILENS_SECRET_KEY' not in os.environ;"
        'sys.stdout.buffer.write(b\'{"shape": [40, 30], "dtype": "|u1"}\\n\' + bytes(1200))'
    )
    monkeypatch.setenv("OMNILENS_SECRET_KEY", "secret")
    monkeypatch.setattr(decoding, "_CHILD", child)
    assert not take(rle).pixels.any()


def test_only_so_many_decoders_run_at_once(take, rle, monkeypatch):
    monkeypatch.setattr(decoding, "PATIENCE_SECONDS", 0.01)
    for _ in range(decoding.CHILDREN):
        assert decoding._children.acquire(blocking=False)
    try:
        with pytest.raises(TooBusy):
            take(rle)
    finally:
        for _ in range(decoding.CHILDREN):
            decoding._children.release()
    assert take(rle).pixels.any()


def test_a_stream_longer_than_its_pixels_never_reaches_a_decoder(refused, monkeypatch):
    """RLE could say 128 times each byte of it."""
    monkeypatch.setattr(decoding, "_run", None)
    pixels = corpus.stored(bits=8)
    header = (1).to_bytes(4, "little") + (64).to_bytes(4, "little") + bytes(56)
    stream = header + b"\x81\x00" * 1_000_000
    content = corpus.encapsulated(corpus.data_set(pixels, bits=8), stream, RLELossless)
    assert refused(content) == "truncated"


def test_the_door_opens_without_numpy_or_a_decoder():
    code = (
        "import os, sys;"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'project.settings.test';"
        "import django; django.setup();"
        "import xray.ingest.receive, xray.ingest.originals;"
        "print(sorted({'numpy', 'pydicom', 'gdcm', 'cv2', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
