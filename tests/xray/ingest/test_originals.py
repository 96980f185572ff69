"""Originals are kept only on request, and unreadable without the secret."""

from __future__ import annotations

import pytest

from project.images import storage
from project.sealing import CannotUnseal
from tests.xray import canaries
from xray.ingest import originals


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    storages = dict(settings.STORAGES)
    storages["default"] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path / "files"), "base_url": None},
    }
    settings.STORAGES = storages


def test_originals_are_not_kept_by_default(settings):
    assert not originals.is_kept()
    settings.XRAY_KEEP_ORIGINAL = True
    assert originals.is_kept()


def test_a_kept_original_comes_back_and_tells_nothing_on_disk():
    content = canaries.dicom()
    key = originals.keep_original(content)
    assert canaries.find_canaries(storage.read(key)) == set()
    assert canaries.find_canaries(key) == set()
    assert originals.open_original(key) == content
    assert storage.read(originals.keep_original(content)) != storage.read(key)


def test_a_changed_secret_still_opens_with_its_fallback_and_not_without(settings):
    key = originals.keep_original(b"film")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert originals.open_original(key) == b"film"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(CannotUnseal):
        originals.open_original(key)


def test_an_altered_or_exchanged_original_does_not_open():
    one, two = originals.keep_original(b"film one"), originals.keep_original(b"film two")
    body = bytearray(storage.read(one))
    storage.delete(two)
    storage.put(two, bytes(body))
    body[-1] ^= 1
    storage.delete(one)
    for key, content in ((one, bytes(body)), (two, None)):
        if content is not None:
            storage.put(key, content)
        with pytest.raises(CannotUnseal):
            originals.open_original(key)
    for stub in (b"", b"OXO1", b"OXO1" + bytes(20)):
        storage.delete(one)
        storage.put(one, stub)
        with pytest.raises(CannotUnseal):
            originals.open_original(one)
