"""From distrusted bytes to an upright 8-bit picture. No numpy here: the web process uses it."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageOps

from project.images import errors
from project.images.colour import (
    MAX_KEPT_BYTES,
    UnusableProfile,
    check_profile,
    cmyk_to_srgb,
    to_srgb,
)
from project.images.containers.header import Header, Malformed
from project.images.containers.isobmff import as_still
from project.images.exif import kept_exif
from project.images.heif import open_heic
from project.images.inspection import DEPTH_REDUCED, Inspected, inspect
from project.images.policy import Metadata, Policy

ICC_IGNORED = "icc_ignored"
CMYK_CONVERTED = "cmyk_converted"
# Whatever damaged bytes make Pillow's parsers raise; anything else is our own mistake.
_DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
    RuntimeError, EOFError, struct.error, zlib.error, UnicodeError,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
_MODES = {
    "1": "L", "L": "L", "LA": "LA", "La": "LA", "P": "RGB", "PA": "RGBA",
    "RGB": "RGB", "RGBA": "RGBA", "RGBa": "RGBA", "RGBX": "RGB", "YCbCr": "RGB", "CMYK": "RGB",
}  # fmt: skip
_DEEP_GREY = ("I;16", "I;16B", "I;16L", "I;16N")
_WITH_ALPHA = {"L": "LA", "RGB": "RGBA"}


@dataclass(frozen=True, kw_only=True)
class LoadedImage:
    """A decoded picture: `image` is L, LA, RGB or RGBA, 8 bits, upright.

    `icc` is the profile that the pixels are in, or None when they are sRGB (or grey without a
    profile); `exif` is what the policy keeps of it (orientation 1). `warnings` holds codes such
    as `icc_ignored`.
    """

    image: Image.Image
    format: str
    icc: bytes | None
    exif: bytes | None
    warnings: tuple[str, ...] = ()


@contextmanager
def decoding(policy: Policy) -> Iterator[None]:
    """Whatever a decoder raises on damaged bytes is the refusal `corrupt_image`."""
    try:
        yield
    except errors.UploadRefused:
        raise
    except _DECODER_ERRORS as error:
        raise errors.corrupt_image(policy) from error


def load(data: bytes, policy: Policy) -> LoadedImage:
    """Decode `data` within the limits of `policy`; the header is judged before any pixel.

    A picture of 16 bits per channel is reduced to 8, with a warning; deep.py keeps them.
    Raises UploadRefused as `inspection.inspect` does.
    """
    return load_inspected(data, inspect(data, policy), policy)


def load_inspected(data: bytes, inspected: Inspected, policy: Policy) -> LoadedImage:
    """`load` for bytes that `inspect` has judged under the same policy."""
    name = inspected.container.NAME
    with decoding(policy), _opened(data, inspected) as opened:
        check_size(opened.size, inspected.header)
        # Before the pixels: some plugins turn them and forget the orientation.
        exif, exif_warnings = kept_exif(opened.getexif(), policy)
        opened.load()
        check_size(opened.size, inspected.header)
        image, icc, warnings = _normalise(ImageOps.exif_transpose(opened), policy)
    reduced = (DEPTH_REDUCED,) if inspected.is_deep else ()
    return LoadedImage(
        image=image,
        format=name,
        icc=icc,
        exif=exif,
        warnings=(*inspected.warnings, *reduced, *exif_warnings, *warnings),
    )


def _opened(data: bytes, inspected: Inspected) -> Image.Image:
    """The first picture; multi-picture JPEGs (MPO, motion photos) begin with the photo itself."""
    name = inspected.container.NAME
    if name == "HEIC":
        return open_heic(data)
    if name == "AVIF" and inspected.header.is_animated:
        data = as_still(data)
    return Image.open(io.BytesIO(data), formats=(name,))


def check_size(size: tuple[int, int], header: Header) -> None:
    """The limits were checked on our reading of the header; the decoder must agree with it.

    A decoder may have turned the sides; one that crops by itself may have made them smaller.
    """
    decoded, announced = sorted(size), sorted((header.width, header.height))
    fits = decoded[0] <= announced[0] and decoded[1] <= announced[1]
    if not (fits if header.may_turn else decoded == announced):
        raise Malformed("the decoder reads another size")


def _normalise(
    image: Image.Image, policy: Policy
) -> tuple[Image.Image, bytes | None, tuple[str, ...]]:
    """One of the four modes, in sRGB unless the profile is to stay; no metadata left."""
    icc: bytes | None = image.info.get("icc_profile") or None
    if image.mode == "CMYK":
        return _from_cmyk(image, icc)
    if image.mode in _DEEP_GREY:
        image = _reduce_grey(image)
    mode = "L" if _is_grey_palette(image) else _MODES.get(image.mode)
    if mode is None:
        raise errors.unsupported_colour_space(policy)
    if "transparency" in image.info:
        mode = _WITH_ALPHA.get(mode, mode)
    plain = image.convert(mode)
    plain.info.clear()
    if icc is None:
        return plain, None, ()
    try:
        if Metadata.ICC not in policy.keep or len(icc) > MAX_KEPT_BYTES:
            return to_srgb(plain, icc), None, ()
        check_profile(plain, icc)
    except UnusableProfile:
        # Every viewer shows such a file without its profile, so that is what the owner saw.
        return plain, None, (ICC_IGNORED,)
    return plain, icc, ()


def _is_grey_palette(image: Image.Image) -> bool:
    """Whether every entry in use is grey; transparency is a separate matter."""
    if image.mode != "P":
        return False
    palette = image.getpalette("RGB") or []
    used = (index for index, count in enumerate(image.histogram()) if count)
    return all(len(set(palette[3 * index : 3 * index + 3])) == 1 for index in used)


def _from_cmyk(
    image: Image.Image, icc: bytes | None
) -> tuple[Image.Image, bytes | None, tuple[str, ...]]:
    """sRGB always: a press profile describes inks, not the pixels of a result."""
    if icc is None:
        return _plain_rgb(image), None, (CMYK_CONVERTED,)
    try:
        return cmyk_to_srgb(image, icc), None, ()
    except UnusableProfile:
        return _plain_rgb(image), None, (ICC_IGNORED, CMYK_CONVERTED)


def _plain_rgb(image: Image.Image) -> Image.Image:
    plain = image.convert("RGB")
    plain.info.clear()
    return plain


def _reduce_grey(image: Image.Image) -> Image.Image:
    """16-bit grey to 8; Pillow's own conversion would clip in some versions."""
    info = dict(image.info)
    reduced = image.point(lambda value: value * (1 / 256)).convert("L")
    reduced.info.update({name: info[name] for name in ("icc_profile",) if name in info})
    return reduced
