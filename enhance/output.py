"""From the pipeline's pixels to a finished, marked file."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from enhance.plan import Plan
from project.images.encode import EncodedImage, encode
from project.images.marking import SourceType

if TYPE_CHECKING:
    # The web process reads SOURCE_TYPE; the pipeline would bring torch along.
    from enhance.pipeline.upscale import Result

WHITE = (255, 255, 255)
# The networks invent plausible detail, which is more than an algorithmic correction.
SOURCE_TYPE = SourceType.GENERATIVE_EDIT
FLATTENED = "alpha_flattened"


def encode_result(result: Result, plan: Plan, *, is_grey: bool) -> EncodedImage:
    """The result in the planned format; JPEG puts transparency on white."""
    return encode(
        result.pixels,
        source_type=SOURCE_TYPE,
        format=plan.output_format,
        alpha=result.alpha,
        is_grey=is_grey,
        quality=plan.jpeg_quality,
        background=WHITE if plan.output_format == "JPEG" else None,
    )


def output_warnings(result: Result, plan: Plan) -> list[str]:
    """Codes of what the chosen format could not keep."""
    flattened = plan.output_format == "JPEG" and result.alpha is not None
    return [FLATTENED] if flattened else []


def result_name(source_name: str, scale: float, extension: str) -> str:
    """`photo.jpg` at scale 4 becomes `photo-x4.png`."""
    stem = PurePath(source_name).stem or "picture"
    return f"{stem}-x{scale:g}.{extension}"
