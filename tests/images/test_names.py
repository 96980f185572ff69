"""Names of clients are for display only."""

from __future__ import annotations

import pytest

from project.images import storage
from project.images.intake import accept_upload
from project.images.names import download_name, sanitise_name
from tests.images import samples

pytestmark = [pytest.mark.django_db, pytest.mark.services]

NAMES = {
    "../../etc/passwd.png": "passwd.png",
    "..\\..\\windows\\system32\\evil.png": "evil.png",
    "/absolute/path.png": "path.png",
    "照片 一.png": "照片 一.png",
    "cafe\u0301.png": "caf\u00e9.png",
    "a\x00b\nc\x7f.png": "ab c.png",
    "photo\u202egnp.exe.png": "photognp.exe.png",
    "a\u200bb.png": "ab.png",
    "  spaced   out .png": "spaced out .png",
    "<script>.png": "<script>.png",
    "..": "",
    "": "",
    "💾.png": "💾.png",
}


@pytest.mark.parametrize("given", NAMES)
def test_a_name_keeps_its_letters_and_loses_path_and_controls(given):
    assert sanitise_name(given) == NAMES[given]


def test_a_name_of_300_characters_is_cut_before_its_extension():
    cut = sanitise_name("名" * 300 + ".jpeg")
    assert len(cut) == 255
    assert cut.endswith("名.jpeg")
    assert len(sanitise_name("x" * 300)) == 255


@pytest.mark.parametrize(
    "name", ["../../../tmp/evil.png", "名" * 300 + ".png", "a\x00b.png", "CON.PNG"]
)
def test_no_part_of_a_name_reaches_the_storage_key(user, files, name):
    upload = samples.upload(samples.save(samples.gradient()), "placeholder.png")
    upload._name = name  # past Django's own cleaning
    record = accept_upload(owner=user, upload=upload)
    assert files() == {record.file}
    assert storage.check_key(record.file).startswith("uploads/")
    assert record.original_name == sanitise_name(name)


def test_a_download_is_named_after_what_is_stored():
    assert download_name("holiday.webp", format="PNG", fallback="x") == "holiday.png"
    assert download_name("", format="JPEG", fallback="some-id") == "some-id.jpg"


@pytest.mark.parametrize(
    "key",
    [
        "uploads/../secret", "/etc/passwd", "uploads", "uploads/", "other/a.png", "uploads/a/../b",
        "uploads/.hidden/a", "uploads/a\x00b", "uploads/a b", "uploads//a", "jobs/" + "a" * 300, "",
        "uploads/a\n",
    ],
)  # fmt: skip
def test_a_key_that_could_leave_its_folder_is_refused_by_every_verb(key):
    for verb in (storage.read, storage.delete, storage.exists, storage.size, storage.open_file):
        with pytest.raises(storage.BadKey):
            verb(key)
    with pytest.raises(storage.BadKey):
        storage.put(key, b"x")


def test_a_key_is_written_once(files):
    storage.put("jobs/a/1/result.png", b"first")
    with pytest.raises(storage.KeyTaken):
        storage.put("jobs/a/1/result.png", b"second")
    assert storage.read("jobs/a/1/result.png") == b"first"
    assert files() == {"jobs/a/1/result.png"}
