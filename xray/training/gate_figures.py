"""Where the gate's threshold lies, and how often it is right on sources that chose nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from xray.pipeline.gate_network import UPRIGHT, class_probabilities
from xray.training.negatives import Negatives, Pictures
from xray.training.wilson import wilson_interval

Numbers = NDArray[np.float64]


def scores(network: nn.Module, pictures: Pictures) -> Numbers:
    """(n,) probability of an upright frontal chest film for framed (n, px, px) uint8."""
    parts = [
        class_probabilities(network, torch.from_numpy(pictures[start : start + 512]).float() / 255)
        for start in range(0, len(pictures), 512)
    ]
    return torch.cat(parts)[:, UPRIGHT].numpy() if parts else np.empty(0)


def choose_threshold(populations: Sequence[Numbers], negatives: Numbers) -> float:
    """The score at which the worst share is smallest: films refused, of each population, or
    negatives let in. Where several scores do equally well, the middle of them in log odds.

    Raises ValueError when a set is empty.
    """
    if not len(negatives) or not populations or not all(map(len, populations)):
        raise ValueError("a threshold needs films of each population and negatives")
    candidates = np.unique(np.concatenate([*populations, negatives]))
    edges = _log_odds(candidates)
    edges = np.concatenate([[edges[0] - 1], edges, [edges[-1] + 1]])
    middles = (edges[:-1] + edges[1:]) / 2
    films = [np.sort(_log_odds(population)) for population in populations]
    others = np.sort(_log_odds(negatives))
    refused = [np.searchsorted(each, middles, "left") / len(each) for each in films]
    let_in = 1 - np.searchsorted(others, middles, "left") / len(others)
    worst = np.max([*refused, let_in], axis=0)
    best = np.flatnonzero(worst <= worst.min() + 1e-12)
    middle = (edges[best[0]] + edges[best[-1] + 1]) / 2
    return float(1 / (1 + np.exp(-middle)))


def refused_share(scored: Numbers, threshold: float) -> dict[str, Any]:
    """Share refused with its 95 % interval."""
    refused = int((scored < threshold).sum())
    low, high = wilson_interval(refused, len(scored))
    return {
        "refused": refused,
        "of": len(scored),
        "share": refused / len(scored),
        "ci95": [low, high],
    }


def figures(
    network: nn.Module,
    threshold: float,
    films: Mapping[str, Pictures],
    negatives: Mapping[str, Negatives],
) -> dict[str, Any]:
    """Shares refused: each population upright, turned and inverted; negatives by kind and source."""
    told: dict[str, Any] = {"films": {}, "turned": {}, "inverted": {}, "negatives": {}}
    for name, pictures in films.items():
        told["films"][name] = refused_share(scores(network, pictures), threshold)
        turns = np.concatenate([np.rot90(pictures, turn, axes=(1, 2)) for turn in (1, 2, 3)])
        told["turned"][name] = refused_share(
            scores(network, np.ascontiguousarray(turns)), threshold
        )
        told["inverted"][name] = refused_share(scores(network, 255 - pictures), threshold)
    for name, pool in negatives.items():
        scored = scores(network, pool.pictures)
        told["negatives"][name] = refused_share(scored, threshold) | {
            "sources": len(set(pool.sources)),
            "by_kind": _by(pool.kinds, scored, threshold),
            "let_in_by_source": {
                source: f"{told_['of'] - told_['refused']} of {told_['of']}"
                for source, told_ in _by(pool.sources, scored, threshold).items()
                if told_["refused"] < told_["of"]
            },
        }
    return told


def _by(names: Sequence[str], scored: Numbers, threshold: float) -> dict[str, dict[str, Any]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        places[name].append(place)
    return {name: refused_share(scored[at], threshold) for name, at in sorted(places.items())}


def _log_odds(probability: Numbers) -> Numbers:
    inside = probability.clip(1e-12, 1 - 1e-12)
    odds: Numbers = np.log(inside) - np.log1p(-inside)
    return odds
