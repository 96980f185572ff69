"""Turns, scales and moves a face onto the template of FFHQ, and back into the result.

The template's five points in 512 pixels and the robust fit (least median of squares) are those that
GFPGAN was trained with.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from enhance.nets.face_catalogue import FACE_SIDE
from enhance.pipeline.faces.face import Face
from enhance.pipeline.tiling import Area, Pixels, white

Matrix = NDArray[np.float64]

FFHQ_512 = np.array(
    [
        [192.98138, 239.94708],
        [318.90277, 240.1936],
        [256.63416, 314.01935],
        [201.26117, 371.41043],
        [313.08905, 371.15118],
    ]
)
# What lies outside the picture, in 8 bits: the grey of the training set.
OUTSIDE_RGB = (132, 133, 135)
# Around the part of the picture that a crop covers, for the interpolation.
MARGIN_PIXELS = 2
# OpenCV refuses to warp a picture with a longer side.
MAX_WARP_SIDE = 32_766
_CORNERS = np.array([[0, 0], [FACE_SIDE, 0], [FACE_SIDE, FACE_SIDE], [0, FACE_SIDE]], np.float64)


@dataclass(frozen=True, kw_only=True)
class FaceCrop:
    """One face on the template: `pixels` 512 x 512 x 3 RGB in the depth of its picture.

    `matrix` (2 x 3) leads from pixels of the picture to pixels of the crop.
    """

    pixels: Pixels
    matrix: Matrix


def matrix_of(face: Face) -> Matrix | None:
    """The similarity that brings the five points nearest to the template; None without one."""
    matrix, _ = cv2.estimateAffinePartial2D(face.landmarks, FFHQ_512, method=cv2.LMEDS)
    if matrix is None or not np.isfinite(matrix).all() or abs(np.linalg.det(matrix[:, :2])) < 1e-9:
        return None
    return np.asarray(matrix, np.float64)


def align_face(pixels: Pixels, face: Face) -> FaceCrop | None:
    """The face of a picture (H x W x 3 RGB) on the template; None when its points fit nowhere.

    What lies outside the picture becomes grey.
    """
    matrix = matrix_of(face)
    if matrix is None:
        return None
    height, width = pixels.shape[:2]
    area = area_of(_inverted(matrix), width=width, height=height)
    if area is None:
        return None
    if max(height, width) <= MAX_WARP_SIDE:
        area = Area(0, 0, width, height)
    part = pixels[area.top : area.bottom, area.left : area.right]
    local = matrix.copy()
    local[:, 2] += matrix[:, :2] @ (area.left, area.top)
    grey = tuple(value * (white(pixels) // 255) for value in OUTSIDE_RGB)
    crop = cv2.warpAffine(
        part, local, (FACE_SIDE, FACE_SIDE), borderMode=cv2.BORDER_CONSTANT, borderValue=grey
    )
    return FaceCrop(pixels=cast("Pixels", crop), matrix=matrix)


def already_aligned(pixels: Pixels) -> FaceCrop:
    """A picture that is a crop already: only brought to 512 x 512."""
    height, width = pixels.shape[:2]
    crop = cv2.resize(pixels, (FACE_SIDE, FACE_SIDE))
    matrix = np.array([[FACE_SIDE / width, 0.0, 0.0], [0.0, FACE_SIDE / height, 0.0]])
    return FaceCrop(pixels=cast("Pixels", crop), matrix=matrix)


def inverse_of(matrix: Matrix, *, source: tuple[int, int], target: tuple[int, int]) -> Matrix:
    """From pixels of the crop to pixels of the result; sizes are width, height.

    An enlarged result is moved by half of its scale, as GFPGAN's own helper does: measured from
    the corner of a pixel instead of its centre.
    """
    scales = np.array(target, np.float64) / np.array(source, np.float64)
    inverse = _inverted(matrix) * scales[:, None]
    inverse[:, 2] += np.where(scales > 1, scales / 2, 0.0)
    return inverse


def area_of(inverse: Matrix, *, width: int, height: int) -> Area | None:
    """The part of a picture that a crop covers, with a margin; None when that is nothing."""
    corners = _CORNERS @ inverse[:, :2].T + inverse[:, 2]
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    area = Area(
        max(0, math.floor(left) - MARGIN_PIXELS),
        max(0, math.floor(top) - MARGIN_PIXELS),
        min(width, math.ceil(right) + MARGIN_PIXELS + 1),
        min(height, math.ceil(bottom) + MARGIN_PIXELS + 1),
    )
    return area if area.left < area.right and area.top < area.bottom else None


def _inverted(matrix: Matrix) -> Matrix:
    return np.asarray(cv2.invertAffineTransform(matrix), np.float64)
