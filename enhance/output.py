"""From the pipeline's pixels to a finished, marked and signed file."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from enhance.marking import C2PA_UNAVAILABLE, SOURCE_TYPE, Marking, signed_by, unsigned
from enhance.plan import Plan
from project.images.credentials import CannotSign, CannotSignCode, sign
from project.images.credentials.signer import current_identity
from project.images.encode import EncodedImage, encode
from project.images.formats import FORMATS

if TYPE_CHECKING:
    # The pipeline would bring torch along.
    from enhance.pipeline.upscale import Result
    from project.images.decode import Picture

logger = logging.getLogger(__name__)

WHITE = (255, 255, 255)
FLATTENED, DEPTH_REDUCED = "alpha_flattened", "depth_reduced"
DESCRIPTION = "Enlarged and restored by a neural network"


@dataclass(frozen=True, kw_only=True)
class FinishedFile:
    """The bytes to store, how they are marked, and codes of what they could not keep."""

    content: bytes
    width: int
    height: int
    extension: str
    marking: Marking
    warnings: list[str]


def finish(result: Result, picture: Picture, plan: Plan, *, source_format: str) -> FinishedFile:
    """Encode, mark and sign the result. A failed signature is a warning, never an error."""
    encoded = encode_result(result, picture, plan)
    content, marking = _signed(encoded, result, plan, source_format)
    warnings = _left_out(result, picture, plan)
    if marking["c2pa"] != "signed":
        warnings.append(C2PA_UNAVAILABLE)
    return FinishedFile(
        content=content,
        width=encoded.width,
        height=encoded.height,
        extension=encoded.extension,
        marking=marking,
        warnings=warnings,
    )


def encode_result(result: Result, picture: Picture, plan: Plan) -> EncodedImage:
    """The result in the planned format, marked; JPEG puts transparency on white.

    Equal pixels and options give equal bytes.
    """
    return encode(
        result.pixels,
        source_type=SOURCE_TYPE,
        format=plan.output_format,
        alpha=result.alpha,
        is_grey=picture.is_grey,
        quality=plan.jpeg_quality,
        background=WHITE if plan.output_format == "JPEG" else None,
        icc=picture.icc,
        exif=picture.exif,
    )


def _left_out(result: Result, picture: Picture, plan: Plan) -> list[str]:
    flattened = plan.output_format == "JPEG" and result.alpha is not None
    reduced = picture.depth > plan.bit_depth
    return [code for code, applies in ((FLATTENED, flattened), (DEPTH_REDUCED, reduced)) if applies]


def _signed(
    encoded: EncodedImage, result: Result, plan: Plan, source_format: str
) -> tuple[bytes, Marking]:
    try:
        identity = current_identity()
        content = sign(
            encoded.content,
            format=encoded.format,
            source_type=SOURCE_TYPE,
            description=DESCRIPTION,
            models=result.model_versions,
            parameters={"scale": round(plan.scale, 2), "network": plan.network},
            resized=plan.scale != 1,
            source_media_type=FORMATS[source_format].media_type,
            identity=identity,
        )
    except CannotSign as error:
        logger.warning("a result was left unsigned: %s", error)
        return encoded.content, unsigned(str(error.code))
    except Exception:
        # Minutes of work must not be lost because the last step has a fault; its owner is told.
        logger.exception("a result could not be signed")
        return encoded.content, unsigned(str(CannotSignCode.SIGNING_FAILED))
    return content, signed_by(identity.holder)
