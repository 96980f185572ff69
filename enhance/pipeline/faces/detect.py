"""Finds the faces of a picture, with whichever detector it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from enhance.nets.face_catalogue import MTCNN, RETINAFACE
from enhance.pipeline.faces.face import FACES_CAPPED, Face, keep_plausible
from enhance.pipeline.faces.mtcnn import MtcnnDetector
from enhance.pipeline.faces.retina import RetinaDetector
from enhance.pipeline.tiling import Pixels
from project.inference.context import Model, RunContext

# Faces that only a larger picture would show are smaller than 20 pixels in 1,280.
MAX_SIDE = 1280
STAGE = "detect"


class Detector(Protocol):
    """Five points per face, whatever the network. Its work is bounded by the picture's size."""

    def detect(self, picture: NDArray[np.uint8]) -> Iterable[Face]:
        """Faces of an RGB picture (H x W x 3), in its pixels, unfiltered."""
        ...


@dataclass(frozen=True, kw_only=True)
class Detection:
    """What was found: `faces` from left to right, so that their places are their ids."""

    faces: tuple[Face, ...]
    warnings: tuple[str, ...]
    detector: str


def detect_with(detector: Detector, pixels: Pixels, *, name: str = "") -> Detection:
    """`pixels` (H x W x 3 RGB, 8 or 16 bits) through one detector; points in their pixels."""
    small, factor = _reduced(pixels)
    found = [face.scaled(factor) for face in detector.detect(small)]
    height, width = pixels.shape[:2]
    faces, is_capped = keep_plausible(found, width=width, height=height)
    return Detection(
        faces=tuple(faces), warnings=(FACES_CAPPED,) if is_capped else (), detector=name
    )


def detect_faces(context: RunContext, pixels: Pixels, *, detector: str = MTCNN) -> Detection:
    """The faces of one picture by the named network of the catalogue, `mtcnn` or `retinaface-r50`.

    Raises what `RunContext.model` raises, KeyError for another name, and what the checkpoints raise.
    """
    make = DETECTORS[detector]
    with context.model(detector) as model, context.device():
        return detect_with(make(model, context.check), pixels, name=detector)


def _reduced(pixels: Pixels) -> tuple[NDArray[np.uint8], float]:
    """8 bits with a long side of at most 1,280, and the factor back to the picture."""
    deep = pixels.dtype == np.uint16
    eight = (pixels >> 8).astype(np.uint8) if deep else np.asarray(pixels, np.uint8)
    longest = max(pixels.shape[:2])
    if longest <= MAX_SIDE:
        return np.ascontiguousarray(eight), 1.0
    height, width = (max(1, round(side * MAX_SIDE / longest)) for side in pixels.shape[:2])
    small = cv2.resize(eight, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), longest / MAX_SIDE


DETECTORS: dict[str, Callable[[Model, Callable[[], None]], Detector]] = {
    MTCNN: MtcnnDetector,
    RETINAFACE: RetinaDetector,
}
