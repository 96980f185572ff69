"""The pool of what the gate must refuse, dealt into three parts by whole sources.

Pictures at hand (`found`) are dealt by source, drawings (`drawn`, `phantoms`) by family, and what
is made of chest films (`film_parts`) by patient, because each part gets other films. Real lateral
chests and films of other body parts were not at hand, except one of a cat.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from xray.pipeline.gate_network import OTHER, ROTATED
from xray.pipeline.preprocess import Film, frame
from xray.training import drawn, film_parts, phantoms
from xray.training.found import Found, folder_sources, packaged_sources

PARTS = ("train", "validation", "heldout")
VALIDATION_SHARE, HELDOUT_SHARE = 0.15, 0.35
FAMILIES = {
    "drawn": (drawn.LEARNED, drawn.VALIDATED, drawn.HELD_OUT),
    "phantom": (phantoms.LEARNED, phantoms.VALIDATED, phantoms.HELD_OUT),
}
# How often each kind is drawn; a kind without a source in a part leaves its share to the others.
WEIGHTS = {
    "photo": 0.36, "slice": 0.06, "scan": 0.10, "drawn": 0.15, "phantom": 0.12,
    "film_part": 0.17, "tilted": 0.04,
}  # fmt: skip

Pictures = NDArray[np.uint8]
"""Framed pictures, (n, px, px) or (px, px)."""
Draw = Callable[[Generator], Film]


@dataclass(frozen=True, slots=True)
class Negatives:
    """Framed pictures of one part, each with its class and where it came from."""

    pictures: Pictures
    """(n, px, px) uint8."""
    classes: NDArray[np.int_]
    """(n,) of `OTHER` or `ROTATED`."""
    kinds: list[str]
    sources: list[str]


def found_sources(folder: Path | None, *, seed: int) -> dict[str, list[Found]]:
    """What is installed and what the operator added, dealt into `PARTS`. Raises PackError."""
    found = packaged_sources() + (folder_sources(folder) if folder else [])
    dealt: dict[str, list[Found]] = {part: [] for part in PARTS}
    for kind in sorted({one.kind for one in found}):
        group = [one for one in found if one.kind == kind]
        order = sorted(
            group, key=lambda one: hashlib.sha256(f"{seed}:{one.name}".encode()).digest()
        )
        held = max(1, round(len(order) * HELDOUT_SHARE))
        validated = max(1, round(len(order) * VALIDATION_SHARE))
        dealt["heldout"] += order[:held]
        dealt["validation"] += order[held : held + validated]
        dealt["train"] += order[held + validated :]
    return dealt


def draw_negatives(
    count: int,
    part: str,
    found: Sequence[Found],
    films: Sequence[Film],
    *,
    px: int,
    random: Generator,
) -> Negatives:
    """`count` pictures of one part, by the weights of their kinds and evenly over their sources."""
    ways = _ways(part, found, films)
    kinds = [kind for kind in WEIGHTS if ways.get(kind)]
    weights = np.array([WEIGHTS[kind] for kind in kinds])
    chosen = random.choice(len(kinds), count, p=weights / weights.sum())
    pictures = np.empty((count, px, px), np.uint8)
    sources = []
    for index, which in enumerate(chosen.tolist()):
        options = ways[kinds[which]]
        name, draw = options[int(random.integers(len(options)))]
        pictures[index] = framed(draw(random), px)
        sources.append(name)
    drawn_kinds = [kinds[which] for which in chosen.tolist()]
    classes = np.array([ROTATED if kind == "tilted" else OTHER for kind in drawn_kinds])
    return Negatives(pictures, classes, drawn_kinds, sources)


def whole_negatives(found: Sequence[Found], *, px: int) -> Negatives:
    """Each picture at hand once, uncropped, as a person would send it."""
    pictures, kinds, sources = [], [], []
    for one in found:
        for film in one.whole():
            pictures.append(framed(film, px))
            kinds.append(one.kind)
            sources.append(one.name)
    stacked = np.stack(pictures) if pictures else np.empty((0, px, px), np.uint8)
    return Negatives(stacked, np.full(len(pictures), OTHER), kinds, sources)


def framed(film: Film, px: int) -> Pictures:
    """A film through the one `frame`, as uint8."""
    return np.asarray(frame(film, px).pixels * 255 + 0.5, dtype=np.uint8)


def _ways(
    part: str, found: Sequence[Found], films: Sequence[Film]
) -> dict[str, list[tuple[str, Draw]]]:
    ways: dict[str, list[tuple[str, Draw]]] = {}
    for one in found:
        ways.setdefault(one.kind, []).append((one.name, one.draw))
    for kind, families in FAMILIES.items():
        ways[kind] = [(f"{kind}/{draw.__name__}", draw) for draw in families[PARTS.index(part)]]
    if films:
        ways["film_part"] = [
            (f"film_part/{make.__name__}", partial(make, films)) for make in film_parts.KINDS
        ]
        ways["tilted"] = [("tilted", partial(film_parts.tilted, films))]
    return ways
