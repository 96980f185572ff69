"""Data packs: a folder or a tar, and nothing outside of it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.xray.training.pack import as_tar, write_pack, write_table
from xray.training.packs import PackError, open_pack


@pytest.fixture
def folder(tmp_path):
    return write_pack(tmp_path / "films", patients=4)


@pytest.mark.parametrize("inside", ["", "./", "kermany/"])
def test_a_tar_reads_as_its_folder_does(folder, tmp_path, inside):
    from_folder = open_pack(folder)
    from_tar = open_pack(as_tar(folder, tmp_path / "films.tar", inside=inside))
    assert from_tar.rows == from_folder.rows
    assert len(from_folder.rows) == 8
    assert from_tar.digest() == from_folder.digest()
    for one in from_folder.rows:
        assert np.array_equal(from_tar.film(one), from_folder.film(one))


def test_a_film_is_grey_between_nothing_and_one(folder):
    pack = open_pack(folder)
    film = pack.film(pack.rows[0])
    assert (film.shape, film.dtype) == ((48, 48), np.float32)
    assert 0 <= film.min() < film.max() <= 1


def test_the_digest_follows_bytes_and_labels_but_not_the_order(folder):
    before = open_pack(folder).digest()
    table = (folder / "labels.csv").read_text().splitlines()
    (folder / "labels.csv").write_text("\n".join([table[0], *reversed(table[1:])]) + "\n")
    assert open_pack(folder).digest() == before
    (folder / "labels.csv").write_text("\n".join(table).replace("NORMAL", "PNEUMONIA", 1) + "\n")
    assert open_pack(folder).digest() != before


@pytest.mark.parametrize("path", ["../secret.png", "/etc/hostname", "films/../../secret.png"])
def test_no_row_reaches_outside_of_a_folder(folder, tmp_path, path):
    (tmp_path / "secret.png").write_bytes(b"secret")
    write_table(folder, [(path, "train", "NORMAL", "normal", "p1", "")])
    pack = open_pack(folder)
    with pytest.raises(PackError, match="outside"):
        pack.film(pack.rows[0])


def test_no_link_reaches_outside_of_a_folder(folder, tmp_path):
    (tmp_path / "secret.png").write_bytes(b"secret")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    write_table(folder, [("link.png", "train", "NORMAL", "normal", "p1", "")])
    pack = open_pack(folder)
    with pytest.raises(PackError, match="outside"):
        pack.film(pack.rows[0])


def test_a_tar_is_never_unpacked_so_a_climbing_member_is_no_file_of_it(folder, tmp_path):
    write_table(folder, [("../secret.png", "train", "NORMAL", "normal", "p1", "")])
    (tmp_path / "secret.png").write_bytes(b"secret")
    pack = open_pack(as_tar(folder, tmp_path / "films.tar", inside="films/"))
    with pytest.raises((PackError, KeyError)):
        pack.film(pack.rows[0])


def test_the_nih_table_is_known_by_its_columns(folder):
    columns = ("path", "finding_labels", "patient_id", "view")
    write_table(
        folder,
        [
            ("a.png", "Effusion|Pneumonia", "7", "AP"),
            ("b.png", "No Finding", "8", "PA"),
            ("c.png", "Pneumothorax", "9", "PA"),
        ],
        columns,
    )
    rows = open_pack(folder).rows
    assert [(one.sick, one.group, one.view) for one in rows] == [
        (True, "7", "AP"), (False, "8", "PA"), (False, "9", "PA"),
    ]  # fmt: skip


def test_duplicates_are_marked(folder):
    write_table(folder, [("a.png", "train", "NORMAL", "", "p", "films/p000-0.png")])
    assert open_pack(folder).rows[0].duplicate


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda root: (root / "labels.csv").unlink(), "labels.csv"),
        (lambda root: (root / "labels.csv").write_bytes(b"\xff\xfe"), "UTF-8"),
        (lambda root: (root / "labels.csv").write_text("a,b\n1,2\n"), "unknown columns"),
    ],
)
def test_a_pack_that_cannot_be_read_says_why(folder, spoil, says):
    spoil(folder)
    with pytest.raises(PackError, match=says):
        open_pack(folder)


def test_a_file_that_is_neither_is_refused(tmp_path):
    path = tmp_path / "films.tar"
    path.write_bytes(b"no tar at all")
    with pytest.raises(PackError, match="neither"):
        open_pack(path)
    with pytest.raises(PackError, match="neither"):
        open_pack(tmp_path / "gone.tar")


def test_a_row_that_is_no_picture_is_named(folder):
    (folder / "films" / "p000-0.png").write_bytes(b"no picture")
    pack = open_pack(folder)
    with pytest.raises(PackError, match="p000-0"):
        pack.film(pack.rows[0])
