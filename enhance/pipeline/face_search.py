"""Which faces a picture has and which of them are wanted: before any of them is restored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from enhance.pipeline.faces.align import FFHQ_512, FaceCrop, align_face, already_aligned
from enhance.pipeline.faces.choose import Choice, choose_faces
from enhance.pipeline.faces.detect import STAGE as DETECT_STAGE
from enhance.pipeline.faces.detect import detect_faces
from enhance.pipeline.faces.face import Box, Face
from enhance.pipeline.tiling import Pixels
from project.inference.context import RunContext

__all__ = ["DETECT_STAGE", "FaceWish", "FoundFace", "FoundFaces", "search"]

Status = Literal["restored", "skipped", "failed", "unavailable"]
NOT_CHOSEN, TOO_SMALL = "not_chosen", "too_small"
FACE_FAILED, FACE_MODEL_MISSING, NO_FACE = "face_failed", "face_model_missing", "no_face"


@dataclass(frozen=True, kw_only=True)
class FaceWish:
    """What is wanted of faces. Networks by name: None where the weights are not here.

    `parser` is the network of the mask. `min_face` in pixels, `fidelity` 0..1 for every face.
    With `is_required` what keeps faces from being restored ends the run.
    """

    detector: str | None
    restorer: str | None
    parser: str | None = None
    choice: Choice = "all"
    min_face: float = 0.0
    aligned: bool = False
    fidelity: float = 1.0
    is_required: bool = False


@dataclass(kw_only=True)
class FoundFace:
    """One face on its way: `crop` is None where its points fit no template.

    `reason` is a code: why it is not restored.
    """

    face: Face
    crop: FaceCrop | None
    fidelity: float
    status: Status = "skipped"
    reason: str = ""

    @property
    def is_wanted(self) -> bool:
        """Whether it is to be restored."""
        return self.status == "skipped" and not self.reason


@dataclass(frozen=True, kw_only=True)
class FoundFaces:
    """All faces of one picture; their places are their ids."""

    faces: list[FoundFace] = field(default_factory=list)
    warnings: tuple[str, ...] = ()


def search(context: RunContext, pixels: Pixels, wish: FaceWish) -> FoundFaces:
    """The faces of `pixels` (H x W x 3 RGB, 8 or 16 bits), each aligned and judged.

    An aligned picture is its own only face; without a detector nothing is found. Raises what
    detect_faces does.
    """
    height, width = pixels.shape[:2]
    if wish.aligned:
        return FoundFaces(faces=[_whole(pixels, wish)])
    if wish.detector is None:
        return FoundFaces()
    detection = detect_faces(context, pixels, detector=wish.detector)
    chosen = choose_faces(
        detection.faces, wish.choice, width=width, height=height, min_face=wish.min_face
    )
    found = [
        FoundFace(
            face=face,
            crop=align_face(pixels, face),
            fidelity=wish.fidelity,
            reason="" if place in chosen else _reason(face, wish),
        )
        for place, face in enumerate(detection.faces)
    ]
    for each in found:
        if each.crop is None and each.is_wanted:
            each.status, each.reason = "failed", FACE_FAILED
    return FoundFaces(faces=found, warnings=detection.warnings)


def _reason(face: Face, wish: FaceWish) -> str:
    return TOO_SMALL if face.size < wish.min_face else NOT_CHOSEN


def _whole(pixels: Pixels, wish: FaceWish) -> FoundFace:
    """The picture as one face; its points are those of the template, brought to its size."""
    height, width = pixels.shape[:2]
    crop = already_aligned(pixels)
    points = FFHQ_512 * (width / 512, height / 512)
    left_eye, right_eye, nose, left_mouth, right_mouth = ((float(x), float(y)) for x, y in points)
    face = Face(
        box=Box(0.0, 0.0, float(width), float(height)),
        points=(left_eye, right_eye, nose, left_mouth, right_mouth),
        score=1.0,
    )
    is_none = wish.choice == "none"
    return FoundFace(
        face=face, crop=crop, fidelity=wish.fidelity, reason=NOT_CHOSEN if is_none else ""
    )
