"""900 damaged files of all formats from a fixed seed; `make fuzz` runs 100,000."""

from __future__ import annotations

import collections

import pytest

from project.images.errors import UploadRefused
from project.images.intake import accept_upload
from project.images.models import ImageRecord
from project.images.policy import Metadata, Policy
from tests.fuzz.mutations import damaged_files
from tests.images import samples

pytestmark = [pytest.mark.django_db, pytest.mark.services]


COUNT = 900
POLICY = Policy(
    extensions=samples.ALL_EXTENSIONS,
    max_bytes=10**7,
    keep=frozenset(Metadata),
    first_frame_only=True,
)


def test_no_damaged_file_escapes_and_only_accepted_ones_are_stored(user, files):
    outcomes: collections.Counter[str] = collections.Counter()
    for name, content in damaged_files(count=COUNT, seed=7):
        try:
            accept_upload(owner=user, upload=samples.upload(content, name), policy=POLICY)
            outcomes["accepted"] += 1
        except UploadRefused as refusal:
            assert 400 <= refusal.status < 500
            outcomes[refusal.code] += 1
    assert sum(outcomes.values()) == COUNT
    assert COUNT / 10 < outcomes["accepted"] < COUNT * 0.9
    stored = set(ImageRecord.objects.values_list("file", flat=True))
    assert files() == stored
    assert len(stored) == outcomes["accepted"]


def test_the_same_seed_gives_the_same_files():
    assert list(damaged_files(count=40, seed=3)) == list(damaged_files(count=40, seed=3))
    assert list(damaged_files(count=40, seed=3)) != list(damaged_files(count=40, seed=4))
