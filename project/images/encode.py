"""The one encoder: pixels to PNG, JPEG, WEBP or TIFF whose type, extension and magic agree.

numpy is imported inside functions only: the web process encodes small copies without it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PIL import Image

from project.images.colour import space_of, srgb_profile
from project.images.containers.header import Malformed
from project.images.formats import FORMATS
from project.images.marking import SourceType, mark

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8] | NDArray[np.uint16]

JPEG_QUALITY = 95
# As Pillow has it; 1 is several times faster and a tenth larger.
PNG_LEVEL = 6


class CannotEncode(ValueError):
    """The format cannot hold this picture: too long a side, or transparency in a JPEG."""


@dataclass(frozen=True, kw_only=True)
class EncodedImage:
    """A finished file in memory."""

    content: bytes
    format: str
    width: int
    height: int
    bit_depth: int = 8

    @property
    def media_type(self) -> str:
        """For example `image/png`."""
        return FORMATS[self.format].media_type

    @property
    def extension(self) -> str:
        """For example `png`."""
        return FORMATS[self.format].extensions[0]


def encode(
    array: Pixels,
    *,
    source_type: SourceType,
    format: str = "PNG",
    alpha: Pixels | None = None,
    is_grey: bool = False,
    quality: int = JPEG_QUALITY,
    background: tuple[int, int, int] | None = None,
    icc: bytes | None = None,
    exif: bytes | None = None,
    png_level: int = PNG_LEVEL,
) -> EncodedImage:
    """Encode a result, uint8 or uint16 H x W x 3 (alpha H x W), and mark it.

    `icc` is the profile that the pixels are in; None means sRGB. `is_grey` writes one channel.
    PNG and TIFF keep 16 bits per channel, JPEG and WEBP get 8 (`bit_depth` of the result says
    it); `png_level` is for PNG of 8 bits. A JPEG has no transparency: with `alpha` it needs a `background`. `exif` is a block as
    `Picture.exif`. Equal input gives equal bytes. Raises CannotEncode.
    """
    is_grey = is_grey and (icc is None or space_of(icc) == "GRAY")
    if icc is not None and not is_grey and space_of(icc) != "RGB":
        raise CannotEncode("the profile is made for other pixels")
    if icc is None and not is_grey:
        icc = srgb_profile()
    if format == "TIFF" or (format == "PNG" and array.dtype.itemsize == 2):
        made = encode_array(
            stacked(array, alpha, is_grey=is_grey), format=format, icc=icc, exif=exif
        )
    else:
        made = encode_image(
            _image(array, alpha, is_grey=is_grey),
            format=format,
            quality=quality,
            background=background,
            icc=icc,
            exif=exif,
            png_level=png_level,
        )
    return replace(made, content=mark(made.content, source_type=source_type))


def stacked(array: Pixels, alpha: Pixels | None, *, is_grey: bool) -> Pixels:
    """H x W x channels: one or three of colour and one of alpha."""
    import numpy as np

    colour = array[..., 1:2] if is_grey and array.shape[2] == 3 else array
    return colour if alpha is None else np.concatenate([colour, alpha[..., None]], axis=2)


def encode_array(
    array: Pixels, *, format: str, icc: bytes | None = None, exif: bytes | None = None
) -> EncodedImage:
    """PNG with 16 bits, or TIFF with 8 or 16, from H x W x 1 to 4 channels, unmarked."""
    height, width = array.shape[:2]
    _check_sides(format, width, height)
    try:
        if format == "TIFF":
            from project.images.tiff_writer import write_tiff

            content = write_tiff(array, icc=icc, exif=exif)
        else:
            from project.images.png_writer import write_png16

            content = write_png16(array, icc=icc, exif=exif)
    except Malformed as error:
        raise CannotEncode(str(error)) from error
    depth = 8 * array.dtype.itemsize
    return EncodedImage(content=content, format=format, width=width, height=height, bit_depth=depth)


def _image(array: Pixels, alpha: Pixels | None, *, is_grey: bool) -> Image.Image:
    image = Image.fromarray(_in_8_bits(array))
    if is_grey:
        image = image.getchannel("G")
    if alpha is not None:
        image.putalpha(Image.fromarray(_in_8_bits(alpha)))
    return image


def _in_8_bits(array: Pixels) -> NDArray[np.uint8]:
    """Rounded: 65,535 / 255 is exactly 257."""
    if array.dtype.itemsize == 1:
        return array  # type: ignore[return-value]  # numpy's types do not narrow by itemsize
    import numpy as np

    made = np.empty(array.shape, np.uint8)
    for top in range(0, len(array), 256):
        made[top : top + 256] = (array[top : top + 256].astype(np.uint32) + 128) // 257
    return made


def _check_sides(format: str, width: int, height: int) -> None:
    limit = FORMATS[format].max_side
    if max(width, height) > limit:
        raise CannotEncode(f"{format} holds at most {limit} pixels a side")


def encode_image(
    image: Image.Image,
    *,
    format: str,
    quality: int = JPEG_QUALITY,
    background: tuple[int, int, int] | None = None,
    icc: bytes | None = None,
    exif: bytes | None = None,
    png_level: int = PNG_LEVEL,
    webp_method: int = 4,
) -> EncodedImage:
    """Encode a Pillow image of mode L, LA, RGB or RGBA as PNG, JPEG or WEBP, unmarked.

    Raises CannotEncode.
    """
    _check_sides(format, *image.size)
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
        options |= {"quality": quality, "method": webp_method}
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
