"""The one encoder: pixels to PNG, JPEG or WEBP bytes whose type, extension and magic agree."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

from project.images.colour import srgb_profile
from project.images.formats import FORMATS
from project.images.marking import SourceType, mark

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

JPEG_QUALITY = 95


class CannotEncode(ValueError):
    """The format cannot hold this picture: too long a side, or transparency in a JPEG."""


@dataclass(frozen=True, kw_only=True)
class EncodedImage:
    """A finished file in memory."""

    content: bytes
    format: str
    width: int
    height: int

    @property
    def media_type(self) -> str:
        """For example `image/png`."""
        return FORMATS[self.format].media_type

    @property
    def extension(self) -> str:
        """For example `png`."""
        return FORMATS[self.format].extensions[0]


def encode(
    array: NDArray[np.uint8],
    *,
    source_type: SourceType,
    format: str = "PNG",
    alpha: NDArray[np.uint8] | None = None,
    is_grey: bool = False,
    quality: int = JPEG_QUALITY,
    background: tuple[int, int, int] | None = None,
    exif: bytes | None = None,
) -> EncodedImage:
    """Encode an sRGB result, uint8 H x W x 3 (alpha H x W), and mark it.

    `is_grey` writes one channel. A JPEG has no transparency: with `alpha` it needs a
    `background`. Equal input gives equal bytes. Raises CannotEncode.
    """
    image = Image.fromarray(array)
    if is_grey:
        image = image.getchannel("G")
    if alpha is not None:
        image.putalpha(Image.fromarray(alpha))
    icc = None if is_grey else srgb_profile()
    made = encode_image(
        image, format=format, quality=quality, background=background, icc=icc, exif=exif
    )
    return EncodedImage(
        content=mark(made.content, source_type=source_type),
        format=made.format,
        width=made.width,
        height=made.height,
    )


def encode_image(
    image: Image.Image,
    *,
    format: str,
    quality: int = JPEG_QUALITY,
    background: tuple[int, int, int] | None = None,
    icc: bytes | None = None,
    exif: bytes | None = None,
    png_level: int = 6,
) -> EncodedImage:
    """Encode a Pillow image of mode L, LA, RGB or RGBA, unmarked. Raises CannotEncode."""
    known = FORMATS[format]
    if max(image.size) > known.max_side:
        raise CannotEncode(f"{format} holds at most {known.max_side} pixels a side")
    if format == "JPEG" and image.mode in ("LA", "RGBA"):
        image = _flatten(image, background)
    # The profile is always passed: Pillow would otherwise take one from `image.info`.
    options: dict[str, Any] = {"icc_profile": icc}
    if exif:
        options["exif"] = exif
    if format == "PNG":
        options["compress_level"] = png_level
    elif format == "JPEG":
        options |= {"quality": quality, "subsampling": 0}
    else:
        options |= {"quality": quality, "method": 4}
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return EncodedImage(
        content=buffer.getvalue(), format=format, width=image.width, height=image.height
    )


def _flatten(image: Image.Image, background: tuple[int, int, int] | None) -> Image.Image:
    if background is None:
        raise CannotEncode("a JPEG has no transparency; choose a background")
    canvas = Image.new("RGBA", image.size, (*background, 255))
    flat = Image.alpha_composite(canvas, image.convert("RGBA"))
    return flat.convert("L" if image.mode == "LA" and len(set(background)) == 1 else "RGB")
