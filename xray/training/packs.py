"""Read a data pack: a folder or a tar with `labels.csv` at its root.

Two kinds of table are known by their columns. The Kermany kind names split, label, subtype,
group and duplicates; the NIH kind names findings, patient and view. A tar may hold one leading
folder. Nothing is unpacked to disk.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, UnidentifiedImageError

from xray.pipeline.preprocess import Film

LABELS = "labels.csv"
PNEUMONIA, NORMAL = "PNEUMONIA", "NORMAL"
SUBTYPES = ("normal", "bacteria", "virus")


class PackError(ValueError):
    """A data pack cannot be read; the text says what is wrong and where."""


@dataclass(frozen=True, slots=True)
class FilmRow:
    """One row of `labels.csv`."""

    path: str
    split: str
    label: str
    subtype: str
    """One of `SUBTYPES`, or empty where the pack does not tell bacterial from viral."""
    group: str
    """What must not be parted between training and validation: a patient."""
    view: str = ""
    duplicate: bool = False

    @property
    def sick(self) -> bool:
        """Whether the label says pneumonia."""
        return self.label == PNEUMONIA


@dataclass(frozen=True, slots=True)
class Pack:
    """The rows of a data pack and a way to its files."""

    name: str
    rows: tuple[FilmRow, ...]
    read: Callable[[str], bytes]

    def film(self, row: FilmRow) -> Film:
        """The picture of a row: (height, width) float32 in [0, 1]. Raises PackError."""
        try:
            with Image.open(io.BytesIO(self.read(row.path))) as picture:
                grey = picture.convert("L")
        except (UnidentifiedImageError, OSError) as error:
            raise PackError(f"{self.name}: {row.path} is not a picture") from error
        return np.asarray(grey, dtype=np.float32) / np.float32(255)

    def digest(self, rows: Sequence[FilmRow] | None = None) -> str:
        """sha256 over the sorted (path, file sha256, label) of the rows used."""
        total = hashlib.sha256()
        for row in sorted(self.rows if rows is None else rows, key=lambda row: row.path):
            file = hashlib.sha256(self.read(row.path)).hexdigest()
            total.update(f"{row.path}\0{file}\0{row.label}\n".encode())
        return total.hexdigest()


def open_pack(path: Path) -> Pack:
    """The pack at a folder or a tar. Raises PackError when it is neither or has no table."""
    read = _folder(path) if path.is_dir() else _tar(path)
    try:
        table = read(LABELS).decode("utf-8")
    except (KeyError, OSError) as error:
        raise PackError(f"{path} has no {LABELS} at its root") from error
    except UnicodeDecodeError as error:
        raise PackError(f"{path}: {LABELS} is not UTF-8") from error
    return Pack(path.name, tuple(_rows(table, path)), read)


def _rows(table: str, path: Path) -> Iterator[FilmRow]:
    reader = csv.DictReader(io.StringIO(table))
    columns = set(reader.fieldnames or ())
    if {"path", "label", "group_id"} <= columns:
        yield from map(_kermany, reader)
    elif {"path", "finding_labels", "patient_id"} <= columns:
        yield from map(_nih, reader)
    else:
        raise PackError(f"{path}: {LABELS} has the unknown columns {sorted(columns)}")


def _kermany(row: dict[str, str]) -> FilmRow:
    return FilmRow(
        path=row["path"],
        split=row.get("split", ""),
        label=row["label"],
        subtype=row.get("subtype", ""),
        group=row["group_id"],
        duplicate=bool(row.get("duplicate_of")),
    )


def _nih(row: dict[str, str]) -> FilmRow:
    sick = "Pneumonia" in row["finding_labels"].split("|")
    return FilmRow(
        path=row["path"],
        split=row.get("split", ""),
        label=PNEUMONIA if sick else NORMAL,
        subtype="",
        group=row["patient_id"],
        view=row.get("view", ""),
    )


def _folder(path: Path) -> Callable[[str], bytes]:
    root = path.resolve()

    def read(name: str) -> bytes:
        file = (root / name).resolve()
        if not file.is_relative_to(root):
            raise PackError(f"{path}: {name} points outside of the pack")
        return file.read_bytes()

    return read


def _tar(path: Path) -> Callable[[str], bytes]:
    try:
        archive = tarfile.open(path)  # noqa: SIM115 - read from as long as the pack lives
    except (OSError, tarfile.TarError) as error:
        raise PackError(f"{path} is neither a folder nor a tar") from error
    members = {str(PurePosixPath(member.name)): member for member in archive if member.isfile()}
    tables = [name for name in members if PurePosixPath(name).name == LABELS]
    if not tables:
        raise PackError(f"{path} has no {LABELS}")
    root = PurePosixPath(min(tables, key=len)).parent

    def read(name: str) -> bytes:
        file = archive.extractfile(members[str(root / name)])
        if file is None:  # a plain file always opens; this is for the type
            raise KeyError(name)
        return file.read()

    return read
