"""Where the classifier looked: the evidence on the film's own grid, its region and its side.

An aid to understanding a score, not a claim of place: the map has seven by seven cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from xray.labels import LUNG_ZONES, Region, Side, side_of
from xray.pipeline.preprocess import Box, Film

# The central box of the chest in a framed frontal film, as shares of its width and height.
CHEST_LEFT, CHEST_RIGHT = 0.08, 0.92
CHEST_TOP, CHEST_BOTTOM = 0.08, 0.90
LEAST_INSIDE = 0.5


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The map of one finding, and the words for where its mass lies."""

    map: Film
    """(height, width) of the film, float32 in [0, 1]; 1 is the hottest, 0 speaks against."""
    region: Region
    side: Side
    inside_share: float
    """Of the mass, within the central box of the chest."""


def heat_map(evidence: Film, *, box: Box, shape: tuple[int, int]) -> HeatMap:
    """The positive part of (h, w) evidence, laid over `box` of a film of `shape`.

    Without any positive evidence the map is empty and the region unspecified.
    """
    positive = np.maximum(evidence, 0).astype(np.float32)
    region, inside = locate(positive)
    side = side_of(region)
    full = np.zeros(shape, dtype=np.float32)
    size = (box.right - box.left, box.bottom - box.top)
    smooth = np.asarray(Image.fromarray(positive).resize(size, Image.Resampling.BICUBIC))
    smooth = np.maximum(smooth, 0)
    hottest = float(smooth.max())
    if hottest > 0:
        full[box.top : box.bottom, box.left : box.right] = smooth / hottest
    return HeatMap(full, region, side, inside)


def locate(positive: Film) -> tuple[Region, float]:
    """The lung zone with the largest share of the mass, and the share inside the chest.

    The right lung is on the left of the picture. Less than half of the mass inside the chest:
    unspecified.
    """
    total = float(positive.sum())
    if total <= 0:
        return Region.UNSPECIFIED, 0.0
    fine = _on_grid(positive)
    zones = _zone_masses(fine)
    inside = float(sum(zones.values()) / fine.sum())
    if inside < LEAST_INSIDE:
        return Region.UNSPECIFIED, inside
    return max(zones, key=lambda zone: zones[zone]), inside


GRID = 300


def _on_grid(positive: Film) -> Film:
    """Cells spread over a fine grid, so that zones may cut through them."""
    spread = Image.fromarray(positive).resize((GRID, GRID), Image.Resampling.BILINEAR)
    return np.maximum(np.asarray(spread, dtype=np.float32), 0)


def _zone_masses(fine: Film) -> dict[Region, float]:
    left, right = int(CHEST_LEFT * GRID), int(CHEST_RIGHT * GRID)
    top, bottom = int(CHEST_TOP * GRID), int(CHEST_BOTTOM * GRID)
    middle, third = GRID // 2, (bottom - top) / 3
    rows = [(round(top + third * index), round(top + third * (index + 1))) for index in range(3)]
    columns = [(left, middle), (middle, right)]  # the patient's right, then left
    places = [(row, column) for column in columns for row in rows]
    return {
        zone: float(fine[row[0] : row[1], column[0] : column[1]].sum())
        for zone, (row, column) in zip(LUNG_ZONES, places, strict=True)
    }
