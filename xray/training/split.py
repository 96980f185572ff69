"""Part a pack into training, calibration and hold-out by patient, the same way each time.

Calibration is where temperature and operating points are chosen, so the figures that are shown
come from the hold-out, which no choice has seen.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from xray.training.packs import FilmRow, PackError

CALIBRATION_SHARE = 0.08
HOLDOUT_SHARE = 0.08
SMALLEST_PART = 2
LARGEST_SHARE_DIFFERENCE = 0.03


@dataclass(frozen=True, slots=True)
class Split:
    """The rows of each part; no group has rows in two of them."""

    train: tuple[FilmRow, ...]
    calibration: tuple[FilmRow, ...]
    holdout: tuple[FilmRow, ...]


def split_by_group(rows: Sequence[FilmRow], *, seed: int) -> Split:
    """Whole groups, stratified by label; duplicates and rows of an official test split stay out.

    The order depends on the seed and the group's name only, so adding a film moves no other.
    Raises PackError when a part would be empty or the shares of the classes differ by more than
    `LARGEST_SHARE_DIFFERENCE`.
    """
    usable = [row for row in rows if row.split != "test" and not row.duplicate]
    groups: dict[str, list[FilmRow]] = defaultdict(list)
    for row in usable:
        groups[row.group].append(row)
    part_of: dict[str, str] = {}
    for label in sorted({row.label for row in usable}):
        names = [name for name, films in groups.items() if films[0].label == label]
        part_of |= _deal(names, groups, seed=seed)
    parts = {name: [row for row in usable if part_of[row.group] == name] for name in _PARTS}
    split = Split(*(tuple(parts[name]) for name in _PARTS))
    _check(split)
    return split


_PARTS = ("train", "calibration", "holdout")


def _deal(names: list[str], groups: dict[str, list[FilmRow]], *, seed: int) -> dict[str, str]:
    order = sorted(names, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())
    total = sum(len(groups[name]) for name in names)
    wanted = {"calibration": total * CALIBRATION_SHARE, "holdout": total * HOLDOUT_SHARE}
    dealt: dict[str, str] = {}
    for name in order:
        part = next((part for part, left in wanted.items() if left > 0), "train")
        dealt[name] = part
        if part != "train":
            wanted[part] -= len(groups[name])
    return dealt


def _check(split: Split) -> None:
    shares = []
    for rows in (split.train, split.calibration, split.holdout):
        if len(rows) < SMALLEST_PART or len({row.label for row in rows}) < 2:
            raise PackError("the pack is too small: a part of the split would lack a class")
        shares.append(sum(row.sick for row in rows) / len(rows))
    if len(split.train) >= 1000 and max(shares) - min(shares) > LARGEST_SHARE_DIFFERENCE:
        raise PackError(f"the parts differ in their share of pneumonia: {shares}")
