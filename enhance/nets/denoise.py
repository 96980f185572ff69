"""The mixtures of `realesr-general-x4v3` and its softer sister, one model for each strength."""

from __future__ import annotations

import re
from dataclasses import replace

from enhance.nets.catalogue import GENERAL
from project.inference import registry
from project.inference.registry import ModelSpec

_MIXTURE = re.compile(rf"{re.escape(GENERAL.name)}\+denoise-(\d{{3}})")


def mixture_spec(name: str) -> ModelSpec | None:
    """The spec of `<general>+denoise-<percent>`, None for any other name."""
    match = _MIXTURE.fullmatch(name)
    if match is None or int(match[1]) > 100:
        return None
    plain = registry.get(GENERAL.name)
    return replace(
        plain,
        name=name,
        loader="enhance.nets.loader:load_mixture",
        weights=(GENERAL.name, GENERAL.softer),
    )


def strength_of(name: str) -> float:
    """0 (only the softer network) to 1. Raises ValueError for the name of no mixture."""
    match = _MIXTURE.fullmatch(name)
    if match is None:
        raise ValueError(f"{name} is no mixture")
    return int(match[1]) / 100
