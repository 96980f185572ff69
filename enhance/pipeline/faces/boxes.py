"""Boxes as arrays, N x 4: left, top, right, bottom."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]
Numbers = NDArray[np.float64]
Indices = NDArray[np.intp]


def suppress(
    boxes: Boxes, scores: Numbers, limit: float, *, by: Literal["union", "smaller"] = "union"
) -> Indices:
    """Greedy non-maximum suppression: the indices that stay, best first.

    A box goes when it shares more than `limit` of the union, or of the smaller box, with a better one.
    """
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    left = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while left.size:
        best, left = left[0], left[1:]
        kept.append(int(best))
        corner = np.maximum(boxes[best, :2], boxes[left, :2])
        opposite = np.minimum(boxes[best, 2:], boxes[left, 2:])
        common = np.prod(np.clip(opposite - corner, 0, None), axis=1)
        whole = (
            areas[best] + areas[left] - common
            if by == "union"
            else np.minimum(areas[best], areas[left])
        )
        left = left[common <= limit * whole]
    return np.array(kept, np.intp)


def squared(boxes: Boxes) -> Boxes:
    """Squares around the same centres with the longer side."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) / 2
    return np.hstack([centres - half, centres + half])


def shifted(boxes: Boxes, shifts: NDArray[np.float32]) -> Boxes:
    """Each edge moved by a fraction of the box's own size (N x 4)."""
    sizes = boxes[:, 2:] - boxes[:, :2]
    return boxes + np.hstack([sizes, sizes]) * shifts
