"""A tiny data pack of drawn films, as a folder or as a tar."""

from __future__ import annotations

import csv
import io
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

from xray.training.packs import FilmRow

COLUMNS = ("path", "split", "label", "subtype", "group_id", "duplicate_of")


def drawn(*, sick: bool, random: np.random.Generator, px: int = 48) -> Image.Image:
    """A grey square; a sick one is bright in the middle."""
    y, x = np.mgrid[0:px, 0:px] / px - 0.5
    film = 0.25 + 0.2 * x + random.normal(0, 0.03, (px, px))
    if sick:
        film = film + 0.6 * np.exp(-((x**2 + y**2) / 0.04))
    return Image.fromarray((np.clip(film, 0, 1) * 255).astype(np.uint8), "L")


def write_pack(
    root: Path, *, patients: int = 60, films_each: int = 2, split: str = "train", seed: int = 0
) -> Path:
    """The folder with `labels.csv`; half of the patients are sick, with two kinds of pneumonia."""
    random = np.random.default_rng(seed)
    root.mkdir(parents=True)
    rows = []
    for patient in range(patients):
        sick = patient % 2 == 1
        kind = ("bacteria", "virus")[patient // 2 % 2] if sick else "normal"
        for number in range(films_each):
            name = f"films/p{patient:03}-{number}.png"
            (root / name).parent.mkdir(exist_ok=True)
            drawn(sick=sick, random=random).save(root / name)
            label = "PNEUMONIA" if sick else "NORMAL"
            rows.append((name, split, label, kind, f"person{patient}", ""))
    write_table(root, rows)
    return root


def write_table(
    root: Path, rows: list[tuple[str, ...]], columns: tuple[str, ...] = COLUMNS
) -> None:
    """`labels.csv` with these rows."""
    with (root / "labels.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(rows)


def as_tar(folder: Path, path: Path, *, inside: str = "") -> Path:
    """The folder as a tar, its files below `inside`."""
    with tarfile.open(path, "w") as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            member = tarfile.TarInfo(f"{inside}{file.relative_to(folder)}")
            content = file.read_bytes()
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def row(group: str, label: str = "NORMAL", **more: object) -> FilmRow:
    """One row without a file."""
    given = {"path": f"{group}.png", "split": "train", "subtype": "", **more}
    return FilmRow(label=label, group=group, **given)  # type: ignore[arg-type]
