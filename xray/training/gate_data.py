"""The films the gate must let in, parted by patient, and how each part looks.

A pack with an official split (the children) is parted as the classifier's is, so no film that
the classifier's figures rest on teaches the gate. A pack without one (the adults) is halved by
patient: one half teaches, the other is held out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from xray.pipeline.preprocess import Film
from xray.training.film_looks import another_look
from xray.training.negatives import Pictures, framed
from xray.training.packs import FilmRow, Pack, PackError
from xray.training.split import split_by_group

HELDOUT_SHARE = 0.5
VALIDATION_SHARE = 0.1
# A small pack is shown in more looks, so that each population has about as many pictures.
FEWEST_PICTURES, MOST_LOOKS = 3000, 8


@dataclass(frozen=True, slots=True)
class PackParts:
    """The rows of one pack by part; no patient is in two of them."""

    pack: Pack
    rows: dict[str, tuple[FilmRow, ...]]

    def films(self, part: str, most: int | None = None) -> list[Film]:
        """The films of a part, or of `most` of its rows, evenly spaced."""
        rows = self.rows[part]
        if most is not None and len(rows) > most:
            rows = tuple(rows[int(place)] for place in np.linspace(0, len(rows) - 1, most))
        return [self.pack.film(row) for row in rows]


def parts_of(pack: Pack, *, seed: int) -> PackParts:
    """Training, validation and held-out rows. Raises PackError when one would be empty."""
    if any(row.split for row in pack.rows):
        split = split_by_group(pack.rows, seed=seed)
        return PackParts(
            pack,
            {"train": split.train, "validation": split.calibration, "heldout": split.holdout},
        )
    rows: dict[str, list[FilmRow]] = {"train": [], "validation": [], "heldout": []}
    for row in pack.rows:
        rows[_part(row.group, seed)].append(row)
    empty = [part for part, held in rows.items() if not held]
    if empty:
        raise PackError(f"{pack.name}: too few patients, nothing left for {', '.join(empty)}")
    return PackParts(pack, {part: tuple(held) for part, held in rows.items()})


def pictures_of(films: Sequence[Film], *, looks: int, px: int, random: Generator) -> Pictures:
    """(n, px, px) uint8: each film as it is, and `looks` more times as it might arrive."""
    pictures = [framed(film, px) for film in films]
    for _ in range(looks):
        pictures += [framed(another_look(film, random), px) for film in films]
    return np.stack(pictures)


def looks_for(count: int) -> int:
    """How many looks bring `count` films to about `FEWEST_PICTURES`; at least one."""
    return min(MOST_LOOKS, max(1, round(FEWEST_PICTURES / max(count, 1)) - 1))


def _part(group: str, seed: int) -> str:
    """By the patient's name and the seed alone, so adding a film moves no other."""
    digest = hashlib.sha256(f"gate:{seed}:{group}".encode()).digest()
    place = int.from_bytes(digest[:4], "big") / 2**32
    if place < HELDOUT_SHARE:
        return "heldout"
    return "validation" if place < HELDOUT_SHARE + VALIDATION_SHARE else "train"
