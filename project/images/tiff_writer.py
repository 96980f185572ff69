"""TIFF with 8 or 16 bits per channel, deflated. Needs numpy: import it lazily."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from project.images.containers import tiff
from project.images.containers.tiff_directory import (
    LONG,
    SHORT,
    UNDEFINED,
    Directory,
    byte_order,
    first_offset,
    make_bytes,
    make_field,
    read_directory,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STRIP_BYTES = 1 << 18
_HORIZONTAL = 2


def write_tiff(
    array: NDArray[Any],
    *,
    icc: bytes | None = None,
    exif: bytes | None = None,
    level: int = 6,
) -> bytes:
    """uint8 or uint16 H x W x channels (grey, grey and alpha, RGB, RGBA) as a TIFF file.

    16-bit grey with alpha is written as RGBA: hardly any program reads the other.
    """
    if array.dtype == np.uint16 and array.shape[2] == 2:
        array = np.concatenate([array[..., :1]] * 3 + [array[..., 1:]], axis=2)
    height, width, channels = array.shape
    bits = array.dtype.itemsize * 8
    page = _merged_exif(exif)
    rows = max(1, _STRIP_BYTES // (width * channels * array.dtype.itemsize))
    page.fields |= {
        tiff.WIDTH: make_field(LONG, width),
        tiff.HEIGHT: make_field(LONG, height),
        tiff.BITS: make_field(SHORT, *[bits] * channels),
        tiff.COMPRESSION: make_field(SHORT, tiff.DEFLATE),
        tiff.PHOTOMETRIC: make_field(SHORT, tiff.BLACK_IS_ZERO if channels < 3 else tiff.RGB),
        tiff.SAMPLES: make_field(SHORT, channels),
        tiff.ROWS_PER_STRIP: make_field(LONG, min(rows, height)),
        tiff.PLANAR: make_field(SHORT, 1),
        tiff.PREDICTOR: make_field(SHORT, _HORIZONTAL),
        tiff.SAMPLE_FORMAT: make_field(SHORT, *[1] * channels),
    }
    if channels in (2, 4):
        page.fields[tiff.EXTRA_SAMPLES] = make_field(SHORT, tiff.UNASSOCIATED_ALPHA)
    if icc:
        page.fields[tiff.ICC] = make_bytes(UNDEFINED, icc)
    strips = [_strip(array[top : top + rows], level) for top in range(0, height, rows)]
    return tiff.write_file(page, strips)


def _strip(rows: NDArray[Any], level: int) -> bytes:
    differences: NDArray[Any] = rows.astype(rows.dtype.newbyteorder("<"))
    differences[:, 1:] -= rows[:, :-1]
    return zlib.compress(differences.tobytes(), level)


def _merged_exif(exif: bytes | None) -> Directory:
    """The descriptive fields and sub-directories of a block that exif.py has made."""
    if not exif:
        return Directory()
    block = exif.removeprefix(b"Exif\x00\x00")
    if byte_order(block) != "<":
        raise ValueError("an EXIF block of our own is little-endian")
    return read_directory(block, "<", first_offset(block, "<"))
