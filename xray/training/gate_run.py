"""One run of gate training from data packs to a file, a threshold and the held-out figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from xray.pipeline.gate_network import GateSpec
from xray.training.found import Found
from xray.training.gate_data import PackParts, looks_for, parts_of, pictures_of
from xray.training.gate_figures import choose_threshold, figures, scores
from xray.training.negatives import (
    PARTS,
    Negatives,
    Pictures,
    draw_negatives,
    found_sources,
    whole_negatives,
)
from xray.training.packs import open_pack
from xray.training.train_gate import GateRecipe, train_gate

COUNTS = {"train": 8000, "validation": 1500, "heldout": 2000}
# Of one pack; more of the same population teaches the gate little.
MOST_FILMS = 2500
# Films that film parts are made of; more would only take memory.
MOST_FILMS_FOR_PARTS = 200


@dataclass(frozen=True, slots=True)
class GateData:
    """What one run reads: the films of each pack and the sources at hand, dealt into parts."""

    packs: tuple[PackParts, ...]
    found: dict[str, list[Found]]

    @property
    def names(self) -> list[str]:
        """Of the packs, in their order."""
        return [each.pack.name for each in self.packs]


def open_data(packs: Sequence[Path], folder: Path | None, *, seed: int) -> GateData:
    """The packs parted by patient and the negatives parted by source. Raises PackError."""
    parted = tuple(parts_of(open_pack(path), seed=seed) for path in packs)
    return GateData(parted, found_sources(folder, seed=seed))


def train_from(
    data: GateData, recipe: GateRecipe, *, say: Callable[[str], None]
) -> tuple[nn.Module, GateSpec]:
    """Draw the pictures, train, and choose the threshold on the validation sources."""
    random = _random(recipe.seed, "train")
    films = [each.films("train", MOST_FILMS) for each in data.packs]
    pictures = [
        pictures_of(group, looks=looks_for(len(group)), px=recipe.px, random=random)
        for group in films
    ]
    say(f"films: {dict(zip(data.names, map(len, films), strict=True))}")
    negatives = draw_part(data, "train", recipe)
    say(f"negatives: {len(negatives.kinds)} of {len(set(negatives.sources))} sources")
    network = train_gate(pictures, negatives, recipe, say=say)
    films_of, others = pictures_to_judge(data, "validation", recipe)
    threshold = choose_threshold(
        [scores(network, group) for group in films_of.values()],
        np.concatenate([scores(network, pool.pictures) for pool in others.values()]),
    )
    return network, GateSpec(recipe.px, threshold)


def figures_of(
    network: nn.Module, spec: GateSpec, data: GateData, recipe: GateRecipe, part: str
) -> dict[str, Any]:
    """The shares refused on one part; the held-out part chose neither weights nor threshold."""
    films, negatives = pictures_to_judge(data, part, recipe)
    return figures(network, spec.threshold, films, negatives)


def pictures_to_judge(
    data: GateData, part: str, recipe: GateRecipe
) -> tuple[dict[str, Pictures], dict[str, Negatives]]:
    """Films as they are and in one more look; negatives whole and drawn."""
    random = _random(recipe.seed, f"{part} films")
    films = {}
    for each in data.packs:
        group = each.films(part)
        films[each.pack.name] = pictures_of(group, looks=0, px=recipe.px, random=random)
        both = pictures_of(group, looks=1, px=recipe.px, random=random)
        films[f"{each.pack.name}, other looks"] = both[len(group) :]
    return films, {
        "drawn": draw_part(data, part, recipe),
        "whole": whole_negatives(data.found[part], px=recipe.px),
    }


def draw_part(data: GateData, part: str, recipe: GateRecipe) -> Negatives:
    """The drawn negatives of a part, always the same for the same seed and sources."""
    films = [film for each in data.packs for film in each.films(part, MOST_FILMS_FOR_PARTS)]
    return draw_negatives(
        COUNTS[part],
        part,
        data.found[part],
        films,
        px=recipe.px,
        random=_random(recipe.seed, f"{part} negatives"),
    )


def described(data: GateData) -> dict[str, Any]:
    """What was read: films by part, digests of the packs, sources of negatives by part."""
    return {
        "packs": {
            each.pack.name: {
                "films": {part: len(each.rows[part]) for part in PARTS},
                "sha256": each.pack.digest([row for part in PARTS for row in each.rows[part]]),
            }
            for each in data.packs
        },
        "sources": {part: [one.name for one in data.found[part]] for part in PARTS},
    }


def _random(seed: int, name: str) -> np.random.Generator:
    """One stream for each use, so that drawing more of one changes no other."""
    return np.random.default_rng([seed, *name.encode()])
