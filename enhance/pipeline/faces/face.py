"""One face in a picture, and what is believed of a detector's answer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MIN_FACE_PIXELS = 20
MAX_FACES = 64
# Eyes closer than this carry no direction: the face is too small or seen from the side.
MIN_EYE_DISTANCE_PIXELS = 5.0
DUPLICATE_IOU = 0.4
# An eye or a mouth that was taken for a face lies inside the real one and is far smaller.
INSIDE, FAR_SMALLER = 0.8, 0.25
FACES_CAPPED = "faces_capped"

Point = tuple[float, float]


class Box(NamedTuple):
    """Left, top, right, bottom in pixels of the picture; it may reach over the border."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """In pixels."""
        return self.bottom - self.top

    @property
    def area(self) -> float:
        """In square pixels; 0 for a box turned inside out."""
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def centre(self) -> Point:
        """x, y."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def overlap(self, other: Box) -> float:
        """Common area in square pixels."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        ).area


@dataclass(frozen=True, kw_only=True)
class Face:
    """`points` are left eye, right eye, nose, left and right corner of the mouth (left in the
    picture), x and y in pixels of the picture; `score` is the detector's, 0..1."""

    box: Box
    points: tuple[Point, Point, Point, Point, Point]
    score: float

    @property
    def landmarks(self) -> NDArray[np.float64]:
        """5 x 2."""
        return np.array(self.points, np.float64)

    @property
    def eye_distance(self) -> float:
        """In pixels."""
        return math.dist(self.points[0], self.points[1])

    @property
    def size(self) -> float:
        """The shorter side of the box in pixels, which `min_face` speaks of."""
        return min(self.box.width, self.box.height)

    def scaled(self, factor: float) -> Face:
        """The same face in a picture of another size; pixel centres lie at half pixels."""

        def place(value: float) -> float:
            return (value + 0.5) * factor - 0.5

        left_eye, right_eye, nose, left_mouth, right_mouth = (
            (place(x), place(y)) for x, y in self.points
        )
        return Face(
            box=Box(*(edge * factor for edge in self.box)),
            points=(left_eye, right_eye, nose, left_mouth, right_mouth),
            score=self.score,
        )


def keep_plausible(found: Iterable[Face], *, width: int, height: int) -> tuple[list[Face], bool]:
    """The faces worth aligning, from left to right, and whether some were left out for the cap.

    Dropped are: numbers that are none, faces under 20 pixels, eyes under 5 pixels apart, what lies
    outside the picture, duplicates, and far smaller boxes inside another face. Of more than 64 the
    largest stay.
    """
    frame = Box(0.0, 0.0, float(width), float(height))
    kept: list[Face] = []
    for face in sorted(found, key=lambda face: (-face.score, face.box)):
        if _is_usable(face, frame) and not any(_is_same(face, other) for other in kept):
            kept.append(face)
    kept = [face for face in kept if not any(_is_part_of(face, other) for other in kept)]
    largest = sorted(kept, key=lambda face: (-face.box.area, face.box))[:MAX_FACES]
    return sorted(largest, key=lambda face: (face.box.centre, face.box)), len(kept) > MAX_FACES


def _is_usable(face: Face, frame: Box) -> bool:
    numbers = (*face.box, *(value for point in face.points for value in point), face.score)
    if not all(map(math.isfinite, numbers)):
        return False
    is_large = face.size >= MIN_FACE_PIXELS and face.eye_distance >= MIN_EYE_DISTANCE_PIXELS
    return is_large and frame.overlap(Box(*face.box)) > 0


def _is_same(face: Face, other: Face) -> bool:
    common = face.box.overlap(other.box)
    return common / (face.box.area + other.box.area - common) > DUPLICATE_IOU


def _is_part_of(face: Face, other: Face) -> bool:
    is_inside = face.box.overlap(other.box) > INSIDE * face.box.area
    return is_inside and face.box.area < FAR_SMALLER * other.box.area
