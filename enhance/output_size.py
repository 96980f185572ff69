"""How large a result is to be: from a scale or a target to exact sides. Pure, for the plan."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.utils.translation import gettext as _

from enhance.options import MAX_SCALE, MIN_SCALE, EnhanceOptions
from project.errors import ServiceError


@dataclass(frozen=True, kw_only=True)
class OutputSize:
    """Exact sides of a result in pixels, and how many times larger than the source it is."""

    width: int
    height: int
    scale: float


def output_size(width: int, height: int, options: EnhanceOptions) -> OutputSize:
    """The sides that `options` ask for, for a source of `width` x `height`.

    A target keeps the proportions. Raises ServiceError 422 `target_out_of_range` when it would
    need another scale than 1 to 16.
    """
    if options.scale is not None:
        return OutputSize(
            width=scaled(width, options.scale),
            height=scaled(height, options.scale),
            scale=options.scale,
        )
    exact = _exact_scale(width, height, options)
    sides = [scaled(edge, exact) for edge in (width, height)]
    # The side that decides is met exactly, whatever the product is rounded to.
    if options.target_width and exact == options.target_width / width:
        sides[0] = options.target_width
    if options.target_height and exact == options.target_height / height:
        sides[1] = options.target_height
    if not MIN_SCALE <= exact <= MAX_SCALE:
        raise _out_of_range(width, height)
    return OutputSize(width=sides[0], height=sides[1], scale=exact)


def _exact_scale(width: int, height: int, options: EnhanceOptions) -> float:
    if options.megapixels is not None:
        return math.sqrt(options.megapixels * 1e6 / (width * height))
    wanted = [
        target / edge
        for target, edge in ((options.target_width, width), (options.target_height, height))
        if target
    ]
    if not wanted:
        raise ValueError("options without a scale need a target")
    return min(wanted)


def _out_of_range(width: int, height: int) -> ServiceError:
    most = int(MAX_SCALE)
    return ServiceError(
        _("The target must be 1 to %(scale)d times the picture: %(width)d x %(height)d to %(wide)d x %(high)d pixels.")
        % {
            "scale": most,
            "width": width,
            "height": height,
            "wide": width * most,
            "high": height * most,
        },
        code="target_out_of_range",
        status=422,
        extra={
            "smallest": [width, height],
            "largest": [width * most, height * most],
            "largest_scale": MAX_SCALE,
        },
    )  # fmt: skip


def scaled(pixels: int, scale: float) -> int:
    """Round half up, never to nothing."""
    return max(1, math.floor(pixels * scale + 0.5))
