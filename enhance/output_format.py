"""The format of a result, and how large a file of it may be. Pure, for the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from django.utils.translation import gettext as _

from enhance.options import MAX_SCALE, MIN_SCALE, EnhanceOptions, OutputFormat
from enhance.output_size import scaled
from project.errors import ServiceError

FileFormat = Literal["PNG", "JPEG", "WEBP", "TIFF"]

# The encoder's limit (libjpeg); the file format would allow 65,535.
JPEG_MAX_SIDE = 65_500
WEBP_MAX_SIDE = 16_383
_SIDES = {
    "JPEG": ("jpeg_side_limit", JPEG_MAX_SIDE),
    "WEBP": ("webp_side_limit", WEBP_MAX_SIDE),
}
_CHOSEN: dict[OutputFormat, FileFormat] = {
    "png": "PNG", "jpg": "JPEG", "webp": "WEBP", "tiff": "TIFF",
}  # fmt: skip
_WRITTEN: dict[str, FileFormat] = {name: name for name in _CHOSEN.values()}


def output_format_of(source_format: str, options: EnhanceOptions) -> FileFormat:
    """`same` keeps what we can write; what is read only becomes PNG, without loss."""
    if options.output_format == "same":
        return _WRITTEN.get(source_format, "PNG")
    return _CHOSEN[options.output_format]


def check_output(
    width: int, height: int, size: tuple[int, int], output_format: FileFormat, most_pixels: int
) -> None:
    """Raises ServiceError 422: `output_too_large`, `jpeg_side_limit`, `webp_side_limit`."""
    fits_area = _fits_area(most_pixels)
    if not fits_area(*size):
        raise _refusal(
            "output_too_large",
            _("The result would have %(width)d x %(height)d pixels; the limit is %(limit)d in all. Largest scale: %(scale)s."),
            width, height, size, most_pixels, fits_area,
        )  # fmt: skip
    code, limit = _SIDES.get(output_format, ("", max(size)))
    if max(size) > limit:
        raise _refusal(
            code,
            _("A %(format)s of %(width)d x %(height)d pixels is not possible; its sides end at %(limit)d. Largest scale: %(scale)s. PNG has no such limit."),
            width, height, size, limit, lambda w, h: fits_area(w, h) and max(w, h) <= limit,
            format=output_format,
        )  # fmt: skip


def _fits_area(limit: int) -> Callable[[int, int], bool]:
    return lambda width, height: width * height <= limit


def _refusal(
    code: str,
    text: str,
    width: int,
    height: int,
    size: tuple[int, int],
    limit: int,
    fits: Callable[[int, int], bool],
    *,
    format: str = "",
) -> ServiceError:
    largest = largest_scale(width, height, fits)
    shown = _("none") if largest is None else f"{largest:g}"
    return ServiceError(
        text
        % {
            "format": format,
            "width": size[0],
            "height": size[1],
            "limit": limit,
            "scale": shown,
        },
        code=code,
        status=422,
        extra={"largest_scale": largest, "limit": limit},
    )


def largest_scale(width: int, height: int, fits: Callable[[int, int], bool]) -> float | None:
    """The largest scale in hundredths whose exact result size fits, or None."""
    low, high = int(MIN_SCALE * 100), int(MAX_SCALE * 100)
    if not fits(scaled(width, low / 100), scaled(height, low / 100)):
        return None
    while low < high:
        middle = (low + high + 1) // 2
        if fits(scaled(width, middle / 100), scaled(height, middle / 100)):
            low = middle
        else:
            high = middle - 1
    return low / 100
