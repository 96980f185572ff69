"""Ordinary pictures as grey films, through the one decoder of the platform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from project.images.decode import Picture, decode
from project.images.inspection import inspect
from xray.ingest import errors
from xray.ingest.grey import grey_of

if TYPE_CHECKING:
    from xray.ingest.limits import Limits
    from xray.pipeline.preprocess import Film

Read = TypeVar("Read")
# Grey of 16 bits that uses fewer: shown over the range of those it uses.
RANGE_SCALED = "range_scaled"


@dataclass(frozen=True, kw_only=True, slots=True)
class RasterFilm:
    """`film` (height, width) float32 in [0, 1], upright by its EXIF; transparency on black."""

    film: Film
    bit_depth: int
    colour_distance: float
    warnings: tuple[str, ...]


def announced_pixels(content: bytes, limits: Limits) -> int:
    """Width times height by the header alone, within the limits. Raises as `decode_raster`."""
    header = _ours(limits, lambda: inspect(content, limits.policy())).header
    return header.width * header.height


def decode_raster(content: bytes, limits: Limits) -> RasterFilm:
    """PNG, JPEG, GIF, BMP or TIFF; the header is judged before anything is decoded.

    Raises UploadRefused: unsupported_format, too_large, pixel_limit, truncated.
    """
    return _film(_ours(limits, lambda: decode(content, limits.policy())))


def _ours(limits: Limits, read: Callable[[], Read]) -> Read:
    try:
        return read()
    except errors.UploadRefused as refused:
        refusal = _refusal(refused, limits)
    # Raised here, so that it carries no exception of a decoder, which may quote the file.
    raise refusal


def _film(picture: Picture) -> RasterFilm:
    largest = int(np.iinfo(picture.array.dtype).max)
    warnings = picture.warnings
    if picture.is_grey:
        tones, distance = picture.array[..., 1], 0.0
        top = _used_range(tones) if picture.depth == 16 else largest
        if top < largest:
            warnings = (*warnings, RANGE_SCALED)
        film = tones.astype(np.float32)
        film /= np.float32(top)
    else:
        film, distance = grey_of(picture.array)
    if picture.alpha is not None:
        film *= picture.alpha.astype(np.float32) / np.float32(largest)
    return RasterFilm(
        film=film,
        bit_depth=picture.depth,
        colour_distance=distance,
        warnings=warnings,
    )


def _used_range(tones: NDArray[Any]) -> int:
    """The largest value of the bits in use: 4095 for the 12 bits of a detector in a file of 16."""
    bits = max(8, int(tones.max()).bit_length())
    return (1 << bits) - 1


def _refusal(refused: errors.UploadRefused, limits: Limits) -> errors.UploadRefused:
    """The codes of this room for those of the image room; its words stay where they say more."""
    size = {name: refused.extra.get(name, 0) for name in ("width", "height")}
    detail = str(refused.detail)
    match refused.code:
        case "too_many_pixels":
            return errors.pixel_limit(limits, **size, is_dicom=False)
        case "side_too_long":
            return errors.pixel_limit(limits, **size, detail=detail)
        case "corrupt_image":
            return errors.truncated(limits, detail)
        case _:
            return errors.unsupported_format(limits, detail)
