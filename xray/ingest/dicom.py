"""A DICOM file as a grey film: what its pixels mean, within limits, and in no more memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xray.ingest import errors
from xray.ingest.dataset import DataSet, read_data_set
from xray.ingest.decoding import SYNTAXES, UnknownSyntax, stored_values
from xray.ingest.geometry import Geometry, NoPixels, SeveralFrames, UnknownKind, geometry_of
from xray.ingest.grey import grey_of
from xray.ingest.tones import shown
from xray.ingest.walk import Damaged, TooMuch

if TYPE_CHECKING:
    from xray.ingest.limits import Limits
    from xray.pipeline.preprocess import Film

# Above the pixels: a large icon, private blocks of a manufacturer.
_BESIDE_PIXELS = 16_000_000
# Three samples of 8 bits or one of 16.
_MOST_BYTES_PER_PIXEL = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A file whose header was judged and whose pixels have not been touched."""

    data: DataSet
    geometry: Geometry


@dataclass(frozen=True, kw_only=True, slots=True)
class DicomFilm:
    """`film` (rows, columns) float32 in [0, 1], 0 black. `colour_distance` as in grey.Grey."""

    film: Film
    bit_depth: int
    colour_distance: float
    warnings: tuple[str, ...]


def open_dicom(content: bytes, limits: Limits) -> Opened:
    """Walk over the file and judge what it announces.

    Raises UploadRefused: truncated, no_pixel_data, multi_frame, pixel_limit, too_large,
    unsupported_transfer_syntax, unsupported_format.
    """
    most = limits.dicom_max_pixels * _MOST_BYTES_PER_PIXEL + _BESIDE_PIXELS
    try:
        data = read_data_set(content, most_inflated=most)
        geometry = geometry_of(data)
    except (ValueError, RecursionError) as problem:
        refusal = _refusal(problem, limits)
    else:
        if geometry.pixels > limits.dicom_max_pixels:
            raise errors.pixel_limit(limits, width=geometry.columns, height=geometry.rows)
        if data.syntax not in SYNTAXES:
            raise errors.unsupported_transfer_syntax(limits)
        return Opened(data=data, geometry=geometry)
    # Raised here, so that the refusal carries no exception that knows the file.
    raise refusal


def decode_dicom(opened: Opened, limits: Limits) -> DicomFilm:
    """The film as the file wants it shown. Raises UploadRefused as `open_dicom` does."""
    try:
        stored = stored_values(opened.data, opened.geometry)
        if not opened.geometry.is_grey:
            grey = grey_of(stored)
            return DicomFilm(
                film=grey.film,
                bit_depth=8 * stored.dtype.itemsize,
                colour_distance=grey.colour_distance,
                warnings=(),
            )
        seen = shown(stored, opened.data, opened.geometry)
    except (Damaged, TooMuch, UnknownSyntax, UnknownKind) as problem:
        refusal = _refusal(problem, limits)
    else:
        return DicomFilm(
            film=seen.film,
            bit_depth=8 if seen.fits_in_8_bits else 16,
            colour_distance=0.0,
            warnings=seen.warnings,
        )
    raise refusal


def _refusal(problem: Exception, limits: Limits) -> errors.UploadRefused:
    makers: dict[type[Exception], Callable[[Limits], errors.UploadRefused]] = {
        NoPixels: errors.no_pixel_data,
        SeveralFrames: errors.multi_frame,
        UnknownKind: errors.unsupported_pixels,
        UnknownSyntax: errors.unsupported_transfer_syntax,
        TooMuch: errors.inflates_too_much,
    }
    return makers.get(type(problem), errors.truncated)(limits)
