"""A small picture of the unfinished result: finished tiles show, the rest is transparent."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from enhance.pipeline.tiling import Area, Pixels

SIDE = 1024
# What the live feed keeps at most (project.jobs.previews.MAX_BYTES); noise may need less quality.
MAX_BYTES = 512 * 1024
QUALITIES = (80, 50, 20)
MAX_PROFILE_BYTES = 64 * 1024
_METHOD = 1
_OPAQUE = 255


class LivePreview:
    """Collects finished areas of a canvas; `make` shrinks those that are new and encodes all.

    The shape is that of the source, its long side at most SIDE and never more than one pass
    gives. A second pass paints over the first.
    """

    def __init__(
        self,
        *,
        width: int,
        height: int,
        scale: int,
        alpha: Pixels | None = None,
        is_grey: bool = False,
        icc: bytes | None = None,
    ) -> None:
        long = max(width, height)
        side = min(SIDE, long * scale)
        self._width, self._height = (max(1, round(edge * side / long)) for edge in (width, height))
        self._rgba = np.zeros((self._height, self._width, 4), np.uint8)
        self._alpha = None if alpha is None else self._shrunk(alpha)
        self._is_grey = is_grey
        self._icc = icc if icc and not is_grey and len(icc) <= MAX_PROFILE_BYTES else None
        self._new: list[tuple[Pixels, Area]] = []

    def add(self, canvas: Pixels, area: Area) -> None:
        """`area` of `canvas` is finished; it is read when the next preview is made."""
        self._new.append((canvas, area))

    def make(self) -> bytes:
        """A WEBP file of at most MAX_BYTES where the picture allows."""
        for canvas, area in self._new:
            self._paint(canvas, area)
        self._new.clear()
        image = Image.fromarray(self._rgba)
        content = b""
        for quality in QUALITIES:
            buffer = io.BytesIO()
            image.save(buffer, "WEBP", quality=quality, method=_METHOD, icc_profile=self._icc)
            content = buffer.getvalue()
            if len(content) <= MAX_BYTES:
                break
        return content

    def _paint(self, canvas: Pixels, area: Area) -> None:
        rows, columns = canvas.shape[0] / self._height, canvas.shape[1] / self._width
        top, bottom = round(area.top / rows), round(area.bottom / rows)
        left, right = round(area.left / columns), round(area.right / columns)
        if top == bottom or left == right:
            return
        finished = _bytes(canvas[area.top : area.bottom, area.left : area.right])
        # Where a preview pixel lies half outside, only what is finished counts.
        box = (
            max(0.0, left * columns - area.left),
            max(0.0, top * rows - area.top),
            min(float(finished.shape[1]), right * columns - area.left),
            min(float(finished.shape[0]), bottom * rows - area.top),
        )
        size = (right - left, bottom - top)
        small = np.asarray(Image.fromarray(finished).resize(size, Image.Resampling.BOX, box=box))
        if self._is_grey:
            small = np.rint(small.mean(axis=2, keepdims=True)).astype(np.uint8)
        self._rgba[top:bottom, left:right, :3] = small
        self._rgba[top:bottom, left:right, 3] = (
            _OPAQUE if self._alpha is None else self._alpha[top:bottom, left:right]
        )

    def _shrunk(self, alpha: Pixels) -> NDArray[np.uint8]:
        image = Image.fromarray(_bytes(alpha))
        return np.asarray(image.resize((self._width, self._height), Image.Resampling.BOX))


def _bytes(pixels: Pixels) -> NDArray[np.uint8]:
    """Eight bits of what may be sixteen."""
    if pixels.dtype == np.uint16:
        return (pixels >> 8).astype(np.uint8)
    return np.ascontiguousarray(pixels)
