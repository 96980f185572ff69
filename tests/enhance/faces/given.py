"""Faces, detectors and pictures that the tests of the face path are given."""

from __future__ import annotations

import numpy as np

from enhance.pipeline.faces.align import FFHQ_512
from enhance.pipeline.faces.face import Box, Face

ASTRONAUT_POINTS = ((204.7, 100.9), (247.9, 103.7), (225.8, 128.5), (202.3, 139.3), (245.6, 142.1))
ASTRONAUT = Face(box=Box(179.0, 61.0, 267.0, 173.0), points=ASTRONAUT_POINTS, score=0.99)


def astronaut():
    """The portrait in scikit-image's own data, 512 x 512 RGB."""
    from skimage import data

    return data.astronaut()


def face_at(x, y, side, *, turn=0.0, score=0.99):
    """A face with its centre at x, y, `side` pixels wide and turned by degrees."""
    angle = np.deg2rad(turn)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (FFHQ_512 - 256) / 320 * side @ rotation.T + np.array([x, y])
    half = side / 2
    return Face(
        box=Box(x - half, y - half, x + half, y + half),
        points=tuple(tuple(map(float, point)) for point in points),
        score=score,
    )


class Finds:
    """A detector that finds what it is told; `seen` holds the pictures it was shown."""

    def __init__(self, *faces):
        self.faces = faces
        self.seen = []

    def detect(self, picture):
        self.seen.append(picture)
        return list(self.faces)
