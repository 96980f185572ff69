"""What the commands around training share: where the films are, which part of them."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

if TYPE_CHECKING:
    from xray.training.packs import FilmRow, Pack

VARIABLE = "OMNILENS_XRAY_DATA"
SPLITS = ("train", "calibration", "holdout", "test", "all")


def add_data_argument(parser: ArgumentParser) -> None:
    """`--data`, with the environment as its default."""
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get(VARIABLE),
        help=f"folder or tar with labels.csv (default: {VARIABLE})",
    )


def opened_pack(given: dict[str, Any]) -> Pack:
    """The pack that `--data` names. Raises CommandError."""
    from xray.training.packs import PackError, open_pack

    if given["data"] is None:
        raise CommandError(f"say where the films are: --data or {VARIABLE}")
    try:
        return open_pack(Path(given["data"]))
    except PackError as error:
        raise CommandError(str(error)) from error


def rows_of(pack: Pack, split: str | None, *, seed: int) -> tuple[str, Sequence[FilmRow]]:
    """The name of the part and its rows, without duplicates.

    Without a wish: the official test rows where the pack has some; otherwise the hold-out of a
    pack with training rows, which the classifier may have learned from; otherwise all.
    """
    from xray.training.packs import PackError
    from xray.training.split import split_by_group

    names = {row.split for row in pack.rows}
    if split is None:
        split = "test" if "test" in names else "holdout" if "train" in names else "all"
    usable = [row for row in pack.rows if not row.duplicate]
    if split == "all":
        return split, usable
    if split == "test":
        return split, [row for row in pack.rows if row.split == "test"]
    try:
        return split, getattr(split_by_group(pack.rows, seed=seed), split)
    except PackError as error:
        raise CommandError(str(error)) from error
