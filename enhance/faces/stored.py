"""Reads the stored parts of a result as the pipeline wants them (worker only)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from enhance.pipeline.face_path import PastedFace
from enhance.pipeline.faces.align import matrix_of
from enhance.pipeline.faces.face import Box, Face
from enhance.source import read_record
from project.images.policy import OWN_FILES, Metadata
from project.inference.errors import InvalidInput

if TYPE_CHECKING:
    from enhance.models import Enhancement, FaceResult
    from project.images.decode import Picture

# Parts hold what their owner wanted to keep, and all of it goes on.
PARTS = replace(OWN_FILES, keep=frozenset({Metadata.ICC, Metadata.EXIF, Metadata.GPS}))


def read_background(row: Enhancement) -> Picture:
    """The result without its faces. Raises InvalidInput when it is gone or broken."""
    return read_record(row.background, PARTS)


def read_face(face: FaceResult, *, fidelity: float, is_whole: bool) -> PastedFace:
    """One restored face with its mask and its place; `is_whole` is one that fills its picture."""
    picture = read_record(face.restored, PARTS)
    if picture.alpha is None:
        raise InvalidInput(f"face {face.index} has no mask")
    matrix = matrix_of(_face(face))
    if matrix is None:
        raise InvalidInput(f"face {face.index} has no place")
    return PastedFace(
        pixels=picture.array,
        mask=picture.alpha,
        matrix=matrix,
        fidelity=fidelity,
        is_whole=is_whole,
    )


def _face(row: FaceResult) -> Face:
    left, top, width, height = row.box
    one, two, three, four, five = ((float(x), float(y)) for x, y in row.points)
    return Face(
        box=Box(left, top, left + width, top + height),
        points=(one, two, three, four, five),
        score=row.score,
    )
