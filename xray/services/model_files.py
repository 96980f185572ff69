"""Whether the file of a classifier is where its row says."""

from __future__ import annotations

from project.images import storage
from xray.models import ModelVersion
from xray.networks import sha256_of
from xray.services.shipped import shipped_classifier


def is_file_present(version: ModelVersion) -> bool:
    """A shipped file must be the very one; of a stored one only its being there is asked, the
    worker compares its hash when it loads it."""
    if not version.is_shipped:
        return storage.exists(version.file)
    path = shipped_classifier()
    return path.is_file() and sha256_of(path) == version.sha256
