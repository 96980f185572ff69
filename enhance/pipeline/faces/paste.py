"""Puts a restored face back into the result, touching only its own region."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from enhance.pipeline.faces.align import Matrix, area_of
from enhance.pipeline.faces.masks import Mask
from enhance.pipeline.tiling import Area, Pixels

# Added before a value is cut to a whole one. GFPGAN's helper rounds the face and then cuts the
# mixture; between its way (0) and the nearest value (0.5) neither is more than one level away.
ROUNDING = np.float32(0.25)
# Rows at a time: a face may fill the picture, and four arrays of its region need not exist at once.
STRIP_ROWS = 256


def paste_face(
    canvas: Pixels, restored: Pixels, mask: Mask, inverse: Matrix, *, fidelity: float = 1.0
) -> Area | None:
    """Blend a restored face into `canvas` (H x W x 3, 8 or 16 bits, in place); what was touched.

    `restored` is 512 x 512 x 3 in the depth of the canvas, `mask` 512 x 512 in 0..1, `inverse`
    leads from its pixels to those of the canvas (`align.inverse_of`). `fidelity` 0 leaves the
    canvas as it is, 1 takes the face wherever the mask is 1, between lies the mean in proportion.
    Nothing outside the picture or the mask is read or written.
    """
    check_fidelity(fidelity)
    height, width = canvas.shape[:2]
    area = area_of(inverse, width=width, height=height)
    if area is None or fidelity == 0:
        return None
    for top in range(area.top, area.bottom, STRIP_ROWS):
        strip = Area(area.left, top, area.right, min(top + STRIP_ROWS, area.bottom))
        _blend(canvas, restored, mask, inverse, strip, fidelity)
    return area


def paste_aligned(canvas: Pixels, restored: Pixels, *, fidelity: float = 1.0) -> None:
    """The same for a picture that was a crop already: all of `canvas`, without a mask."""
    check_fidelity(fidelity)
    height, width = canvas.shape[:2]
    if fidelity == 0:
        return
    face = cv2.resize(restored, (width, height), interpolation=cv2.INTER_LANCZOS4)
    for top in range(0, height, STRIP_ROWS):
        part = slice(top, top + STRIP_ROWS)
        _mix(canvas[part], face[part].astype(np.float32), np.float32(fidelity))


def check_fidelity(fidelity: float) -> None:
    """Raises ValueError outside 0..1."""
    if not 0 <= fidelity <= 1:
        raise ValueError(f"fidelity is 0 to 1, not {fidelity}")


def _blend(
    canvas: Pixels, restored: Pixels, mask: Mask, inverse: Matrix, strip: Area, fidelity: float
) -> None:
    """The part of the face that falls into one strip of the canvas."""
    size = (strip.right - strip.left, strip.bottom - strip.top)
    local = inverse - np.array([[0, 0, strip.left], [0, 0, strip.top]], np.float64)
    weight = np.asarray(cv2.warpAffine(mask, local, size), np.float32)
    rows, columns = np.flatnonzero(weight.any(axis=1)), np.flatnonzero(weight.any(axis=0))
    if not rows.size:
        return
    face = cv2.warpAffine(restored.astype(np.float32), local, size)
    inner = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    view = canvas[strip.top : strip.bottom, strip.left : strip.right][inner]
    _mix(view, np.asarray(face[inner], np.float32), weight[inner][..., None] * np.float32(fidelity))


def _mix(back: Pixels, face: NDArray[np.float32], weight: NDArray[np.float32] | np.float32) -> None:
    """In place. A mean of two values never leaves them, so the depth cannot overflow."""
    behind = back.astype(np.float32)
    face -= behind
    face *= weight
    face += behind
    face += ROUNDING
    back[:] = face
