"""Fixtures of the X-ray tests."""

import pytest


@pytest.fixture
def private_files(settings, tmp_path):
    """Each test has a storage of its own, so that leftovers can be counted."""
    storages = dict(settings.STORAGES)
    storages["default"] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path / "files"), "base_url": None},
    }
    settings.STORAGES = storages
    return tmp_path / "files"
