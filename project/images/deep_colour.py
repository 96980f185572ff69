"""ICC profiles to sRGB with 16 bits per channel, which Pillow's engine cannot carry.

Profiles made of a matrix and curves are converted here (all usual RGB working spaces and
displays are); those made of tables are not.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from project.images.colour import UnusableProfile, describes_srgb, srgb_profile

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAX_TAGS = 100
_LEVELS = 65_536
_BAND_ROWS = 256
# Where a table exists, colour engines prefer it to the matrix.
_TABLES = frozenset({b"A2B0", b"A2B1"})


class CannotConvert(ValueError):
    """The profile is made of tables."""


def to_srgb16(array: NDArray[np.uint16], profile: bytes) -> NDArray[np.uint16]:
    """uint16 H x W x 1 or 3 as sRGB, relative colorimetric.

    Raises CannotConvert, or UnusableProfile when the profile is broken.
    """
    is_grey = array.shape[2] == 1
    if not is_grey and describes_srgb(profile):
        return array
    tags = _tags(profile)
    if _TABLES & tags.keys():
        raise CannotConvert
    try:
        curves = [_curve(tags[name]) for name in ((b"kTRC",) if is_grey else _CURVES)]
        matrix = np.eye(1) if is_grey else _from_srgb() @ _matrix(tags)
    except (KeyError, struct.error) as error:
        raise UnusableProfile("a profile without matrix and curves") from error
    made = np.empty_like(array)
    matrix = matrix.astype(np.float32)
    for top in range(0, len(array), _BAND_ROWS):
        band = array[top : top + _BAND_ROWS]
        linear = np.stack([curve[band[..., i]] for i, curve in enumerate(curves)], axis=-1)
        made[top : top + _BAND_ROWS] = _encoded(linear @ matrix.T)
    return made


_CURVES = (b"rTRC", b"gTRC", b"bTRC")
_COLUMNS = (b"rXYZ", b"gXYZ", b"bXYZ")


def _tags(profile: bytes) -> Mapping[bytes, bytes]:
    try:
        (count,) = struct.unpack_from(">I", profile, 128)
        table = [
            struct.unpack_from(">4sII", profile, 132 + 12 * index)
            for index in range(min(count, _MAX_TAGS))
        ]
    except struct.error as error:
        raise UnusableProfile("a profile cut short") from error
    return {name: profile[offset : offset + size] for name, offset, size in table}


def _matrix(tags: Mapping[bytes, bytes]) -> NDArray[Any]:
    columns = [struct.unpack_from(">3i", tags[name], 8) for name in _COLUMNS]
    return np.array(columns, np.float64).T / 65_536


def _from_srgb() -> NDArray[Any]:
    return np.linalg.inv(_matrix(_tags(srgb_profile())))


def _curve(tag: bytes) -> NDArray[Any]:
    """Linear light for each of the 65,536 levels."""
    level = np.linspace(0, 1, _LEVELS)
    kind = tag[:4]
    if kind == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            return level.astype(np.float32)
        values = np.array(struct.unpack_from(f">{count}H", tag, 12), np.float64)
        if count == 1:
            return _parametric(level, values[0] / 256).astype(np.float32)
        return np.interp(level, np.linspace(0, 1, count), values / 65_535).astype(np.float32)
    if kind != b"para":
        raise UnusableProfile("an unknown kind of curve")
    (function,) = struct.unpack_from(">H", tag, 8)
    count = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}.get(function)
    if count is None:
        raise UnusableProfile("an unknown kind of curve")
    numbers = [value / 65_536 for value in struct.unpack_from(f">{count}i", tag, 12)]
    return _parametric(level, *numbers).astype(np.float32)


def _parametric(
    level: NDArray[Any],
    gamma: float,
    a: float = 1,
    b: float = 0,
    c: float | None = None,
    d: float | None = None,
    e: float = 0,
    f: float = 0,
) -> NDArray[Any]:
    """ICC.1 section 10.18: a power with an offset above a limit, a line below."""
    power = np.power(np.maximum(a * level + b, 0), gamma)
    if c is None:  # functions 0 and 1
        return power
    if d is None:  # function 2: c is added on both sides of the limit
        return power + c
    return np.where(level >= d, power + e, c * level + f)


def _encoded(linear: NDArray[Any]) -> NDArray[Any]:
    """sRGB's transfer curve, rounded to 16 bits."""
    clipped = np.clip(linear, 0, 1)
    curved = np.where(
        clipped <= 0.003_130_8, 12.92 * clipped, 1.055 * np.power(clipped, 1 / 2.4) - 0.055
    )
    made: NDArray[np.uint16] = np.rint(curved * 65_535).astype(np.uint16)
    return made
